package io.jepastream.encoder.checkpoint;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes files of the sizes that V-JEPA 2 ViT-L was released in, with random values, for measuring: {@code BigCheckpoint
 * encoder FILE} 1.2 GB, {@code BigCheckpoint all FILE} 5.1 GB with both encoders, predictor and two Adam moments.
 */
final class BigCheckpoint {
    private static final int BLOCK = 8 << 20; // floats; every tensor is a stretch of one block of random values
    private static final float SCALE = 0.04f;

    private final HostTensor values;
    private final SplittableRandom random = new SplittableRandom(1);

    private BigCheckpoint() {
        ByteBuffer block = ByteBuffer.allocateDirect(Float.BYTES * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < BLOCK; i++) {
            block.putFloat(Float.BYTES * i, SCALE * (float) (random.nextDouble() - 0.5));
        }
        values = HostTensor.over(Dtype.F32, block, BLOCK);
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException("want: encoder FILE or all FILE, got " + List.of(args));
        }
        EncoderConfig encoder =
                EncoderConfig.builder(Family.VJEPA2, "vit_large").build();
        Map<String, Shape> shapes = VideoEncoder.shapes(encoder);
        Map<String, Shape> predictor = Predictor.shapes(encoder, PredictorConfig.officialFor(encoder));
        BigCheckpoint big = new BigCheckpoint();
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("target_encoder", big.state(shapes));
        if (args[0].equals("all")) {
            top.put("encoder", big.state(shapes));
            top.put("predictor", big.state(predictor));
            List<Shape> trained = new ArrayList<>(shapes.values());
            trained.addAll(predictor.values());
            top.put("opt", big.optimizer(trained));
            top.put("epoch", 300L);
        }
        TorchWriter.write(Path.of(args[1]), top);
    }

    private Object state(Map<String, Shape> shapes) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> state.put(name, tensor(shape)));
        return TorchWriter.state("module.backbone.", state);
    }

    private Map<String, Object> optimizer(List<Shape> shapes) {
        Map<Object, Object> moments = new LinkedHashMap<>();
        for (Shape shape : shapes) {
            moments.put((long) moments.size(), Map.of("exp_avg", tensor(shape), "exp_avg_sq", tensor(shape)));
        }
        return Map.of("state", moments, "param_groups", List.of());
    }

    private HostTensor tensor(Shape shape) {
        int from = random.nextInt(BLOCK - Math.toIntExact(shape.size()));
        return values.slice(from, shape.getShape());
    }
}
