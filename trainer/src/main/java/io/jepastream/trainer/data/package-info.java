/** Footage for training and evaluation: sets of videos, the reference's clip sampling, decoded frames. */
@NullMarked
package io.jepastream.trainer.data;

import org.jspecify.annotations.NullMarked;
