/** Reads the golden data: what the public reference implementations compute for small models. */
@NullMarked
package io.jepastream.encoder.golden;

import org.jspecify.annotations.NullMarked;
