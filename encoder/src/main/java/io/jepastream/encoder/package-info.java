/** The V-JEPA video encoder, its kernels and bundles, and the topology from clips to embeddings. */
@NullMarked
package io.jepastream.encoder;

import org.jspecify.annotations.NullMarked;
