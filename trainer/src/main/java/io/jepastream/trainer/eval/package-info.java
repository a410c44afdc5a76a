/** The reference's evaluation protocols: segments, spatial views, averaged probabilities, top-1 and top-5. */
@NullMarked
package io.jepastream.trainer.eval;

import org.jspecify.annotations.NullMarked;
