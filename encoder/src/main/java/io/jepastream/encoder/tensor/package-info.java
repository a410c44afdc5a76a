/** Tensors at rest and at work: safetensors files, TorchScript kernels, and the one thread that owns a device. */
@NullMarked
package io.jepastream.encoder.tensor;

import org.jspecify.annotations.NullMarked;
