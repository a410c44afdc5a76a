/** Benchmarks: what a whole path does, beside the ceiling that the same run has measured. */
@NullMarked
package io.jepastream.app.bench;

import org.jspecify.annotations.NullMarked;
