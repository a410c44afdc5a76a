/** Brokers and streams: what runs the topologies of the other modules. */
@NullMarked
package io.jepastream.app.kafka;

import org.jspecify.annotations.NullMarked;
