package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a bundle as a pre-training checkpoint of its generation, in the layout that the reference's evaluation loads
 * strictly. Both encoders are the bundle's one and share its bytes. Training cannot go on from it: there is no optimiser
 * state, so {@code opt} and {@code scaler} are None.
 */
public final class CheckpointExport {
    private static final String WRAPPERS = "module.backbone.";

    private CheckpointExport() {}

    /**
     * Replaces {@code file}.
     *
     * @throws IOException if the weights cannot be read or the file not written
     */
    public static void write(ModelBundle bundle, Path file) throws IOException {
        Map<String, HostTensor> encoder = bundle.encoderState();
        Map<String, HostTensor> predictor = bundle.predictorState();
        Map<String, Object> top = new LinkedHashMap<>();
        top.put(Weights.ONLINE.key(), TorchWriter.state(WRAPPERS, encoder));
        if (!predictor.isEmpty()) {
            top.put("predictor", TorchWriter.state(WRAPPERS, predictor));
        }
        top.put("opt", PyNone.NONE);
        top.put("scaler", PyNone.NONE);
        top.put(Weights.TARGET.key(), TorchWriter.state(WRAPPERS, encoder));
        top.put("epoch", 0L);
        top.put("loss", 0.0);
        top.put("batch_size", 1L);
        top.put("world_size", 1L);
        top.put("lr", 0.0);
        TorchWriter.write(file, top);
    }
}
