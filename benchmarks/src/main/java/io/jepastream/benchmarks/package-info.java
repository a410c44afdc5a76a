/** What the hot pieces of ours cost: {@code java -jar benchmarks/target/benchmarks.jar}. */
@NullMarked
package io.jepastream.benchmarks;

import org.jspecify.annotations.NullMarked;
