/** Learning rate, weight decay and EMA momentum over the steps of a run. */
@NullMarked
package io.jepastream.trainer.schedule;

import org.jspecify.annotations.NullMarked;
