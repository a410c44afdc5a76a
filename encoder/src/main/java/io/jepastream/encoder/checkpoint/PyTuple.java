package io.jepastream.encoder.checkpoint;

import java.util.List;

/**
 * A tuple, as opposed to a list.
 *
 * @param items values of the kinds that {@link TorchFile#root()} names
 */
public record PyTuple(List<Object> items) {}
