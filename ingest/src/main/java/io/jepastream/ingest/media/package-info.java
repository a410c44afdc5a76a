/** Pictures and where they come from: files, network streams, webcams; and their encoded forms. */
@NullMarked
package io.jepastream.ingest.media;

import org.jspecify.annotations.NullMarked;
