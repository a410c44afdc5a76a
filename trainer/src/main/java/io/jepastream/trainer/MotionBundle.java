package io.jepastream.trainer;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.Heads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes the trained motion model as a bundle with its one head. */
final class MotionBundle {
    private static final String NAME = "camera-motion-tiny";

    private MotionBundle() {}

    static ModelBundle write(Path out, Map<String, HostTensor> encoder, Map<String, HostTensor> head, String command)
            throws IOException {
        Map<String, String> provenance = new LinkedHashMap<>();
        provenance.put("source", "trained from scratch on generated clips, see MODEL_CARD.md");
        provenance.put("command", command);
        provenance.put("licence", "Apache-2.0");
        ModelBundle bundle = ModelBundle.write(
                out,
                new ModelBundle.Draft(NAME, TrainMotionModel.ENCODER, Optional.empty(), encoder, Map.of(), provenance));
        Heads.write(bundle, TrainMotionModel.HEAD_NAME, TrainMotionModel.HEAD, head, MotionClips.labels());
        return ModelBundle.read(out);
    }
}
