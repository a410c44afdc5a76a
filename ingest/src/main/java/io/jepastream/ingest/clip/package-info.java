/** Frames to clips: the pure assembler, and the topology that feeds it. */
@NullMarked
package io.jepastream.ingest.clip;

import org.jspecify.annotations.NullMarked;
