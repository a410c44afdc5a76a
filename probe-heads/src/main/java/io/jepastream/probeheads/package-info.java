/** Attentive probes on the tokens of the encoder, and the labels they give. */
@NullMarked
package io.jepastream.probeheads;

import org.jspecify.annotations.NullMarked;
