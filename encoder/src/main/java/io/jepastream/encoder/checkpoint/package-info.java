/** Reads the checkpoints that the reference implementations write, trusting nothing in them. */
@NullMarked
package io.jepastream.encoder.checkpoint;

import org.jspecify.annotations.NullMarked;
