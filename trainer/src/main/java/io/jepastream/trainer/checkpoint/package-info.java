/** Files that a stopped training goes on from. */
@NullMarked
package io.jepastream.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
