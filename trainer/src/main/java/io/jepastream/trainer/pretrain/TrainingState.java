package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything that a run learns, on the host.
 *
 * @param encoder tensors by official name, position tables included
 * @param predictor likewise
 * @param target the EMA target encoder, named as the encoder
 * @param optimiser moments and step counts as {@code encoder/NAME/exp_avg}, {@code exp_avg_sq} and {@code step}; empty
 *     at the start
 */
public record TrainingState(
        Map<String, HostTensor> encoder,
        Map<String, HostTensor> predictor,
        Map<String, HostTensor> target,
        Map<String, HostTensor> optimiser) {
    /** The start of a run: the target encoder is a copy of the encoder. */
    public static TrainingState fresh(Map<String, HostTensor> encoder, Map<String, HostTensor> predictor) {
        return new TrainingState(encoder, predictor, new LinkedHashMap<>(encoder), Map.of());
    }
}
