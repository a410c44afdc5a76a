package io.jepastream.app.selftest;

import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.probeheads.Labeller;
import java.util.List;

/**
 * The model that the ground truth asks.
 *
 * @param model the same as the workers', with as many threads
 * @param labellers one for each of its heads
 */
public record Brain(ClipModel model, List<Labeller> labellers) {}
