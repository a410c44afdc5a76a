/** Heads on a frozen encoder: its features, kept on disk, and the training of probes on them. */
@NullMarked
package io.jepastream.trainer.probe;

import org.jspecify.annotations.NullMarked;
