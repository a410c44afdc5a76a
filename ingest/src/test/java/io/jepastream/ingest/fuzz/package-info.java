/** Seeded fuzzing of everything that reads bytes from outside; other modules' tests use it too. */
@NullMarked
package io.jepastream.ingest.fuzz;

import org.jspecify.annotations.NullMarked;
