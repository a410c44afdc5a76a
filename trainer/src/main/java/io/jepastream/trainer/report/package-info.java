/** The paper's comparisons, repeated in small on generated videos: what is compared, the runs, and the report. */
@NullMarked
package io.jepastream.trainer.report;

import org.jspecify.annotations.NullMarked;
