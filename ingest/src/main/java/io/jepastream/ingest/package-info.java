/** Cameras to the {@code frames} topic, and frames to clips. */
@NullMarked
package io.jepastream.ingest;

import org.jspecify.annotations.NullMarked;
