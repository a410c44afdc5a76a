/** Generated cameras: textured worlds seen by a camera whose motion is known, for demonstrations, training and tests. */
@NullMarked
package io.jepastream.ingest.synth;

import org.jspecify.annotations.NullMarked;
