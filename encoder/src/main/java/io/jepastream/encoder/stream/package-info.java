/** Clips to embeddings on Kafka Streams: decoding, batching, and the records that come out. */
@NullMarked
package io.jepastream.encoder.stream;

import org.jspecify.annotations.NullMarked;
