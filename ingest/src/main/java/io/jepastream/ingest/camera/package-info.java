/** Cameras at work: one bounded worker each, from its source to {@code frames} records, whatever the source does. */
@NullMarked
package io.jepastream.ingest.camera;

import org.jspecify.annotations.NullMarked;
