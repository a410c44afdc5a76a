/** Training of encoders and heads. */
@NullMarked
package io.jepastream.trainer;

import org.jspecify.annotations.NullMarked;
