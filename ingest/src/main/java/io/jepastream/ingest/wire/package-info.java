/** What crosses Kafka: records, their wire form, topic names and dead letters. The one package of ingest that others read. */
@NullMarked
package io.jepastream.ingest.wire;

import org.jspecify.annotations.NullMarked;
