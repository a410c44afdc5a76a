package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model ready to run: encoder and heads on one device, behind its one thread. Any thread may call; calls queue.
 *
 * <p>On the CPU every clip is a batch of its own, so that its numbers never depend on its neighbours, bit for bit. On a
 * GPU batches are padded to one size for the same reason as far as the device allows.
 */
public final class JepaModel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JepaModel.class);

    private final EncoderConfig config;
    private final Pooling pooling;
    private final Precision precision;
    private final int batch;
    private final DeviceExecutor device;
    private final Loaded loaded;

    /** What lives on the device's thread. */
    private record Loaded(VideoEncoder encoder, Map<String, TokenHead> heads, Kernel pooling) {}

    private JepaModel(
            EncoderConfig config, ModelOptions options, Precision precision, DeviceExecutor device, Loaded loaded) {
        this.config = config;
        this.pooling = options.pooling();
        this.precision = precision;
        this.batch = device.device().isGpu() ? options.maxBatch() : 1;
        this.device = device;
        this.loaded = loaded;
    }

    /**
     * Loads the weights onto the device.
     *
     * @param heads run on every clip, in this order
     * @throws IOException if the weights cannot be read
     * @throws IllegalArgumentException if they do not fit the configuration, or the pooling names no head
     */
    public static JepaModel open(ModelBundle bundle, ModelOptions options, List<? extends TokenHead.Loader> heads)
            throws IOException {
        List<String> names = heads.stream().map(TokenHead.Loader::name).toList();
        EncoderConfig.require(
                options.pooling().head().isEmpty()
                        || names.contains(options.pooling().head()),
                "pooling: want a head of %s, got '%s'",
                names,
                options.pooling());
        Map<String, HostTensor> state = bundle.encoderState();
        DeviceExecutor device = new DeviceExecutor(options.resolve(), options.threads());
        Precision precision = options.precision().orElse(device.device().isGpu() ? Precision.BF16 : Precision.FP32);
        try {
            Loaded loaded = device.call(scope -> load(device.root(), bundle.encoder(), precision, state, heads));
            LOG.info(
                    "model {} {} on {} in {}, pooling {}, heads {}",
                    bundle.name(),
                    bundle.digest().substring(0, 12),
                    device.device(),
                    precision,
                    options.pooling(),
                    names);
            return new JepaModel(bundle.encoder(), options, precision, device, loaded);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private static Loaded load(
            NDManager owner,
            EncoderConfig config,
            Precision precision,
            Map<String, HostTensor> state,
            List<? extends TokenHead.Loader> heads) {
        VideoEncoder encoder = VideoEncoder.load(owner, config, precision, state);
        Map<String, TokenHead> loaded = new LinkedHashMap<>();
        for (TokenHead.Loader head : heads) {
            loaded.put(head.name(), head.load(owner, config, precision));
        }
        return new Loaded(
                encoder, Collections.unmodifiableMap(loaded), Kernel.compile(owner, List.of("pooling"), Map.of()));
    }

    public EncoderConfig config() {
        return config;
    }

    /** Where it runs. */
    public String device() {
        return device.device().toString();
    }

    /** How rows of an embedding are made. */
    public Pooling pooling() {
        return pooling;
    }

    /** What matrix products are computed in. */
    public Precision precision() {
        return precision;
    }

    /** Clips that one call runs at once: 1 on the CPU. */
    public int batch() {
        return batch;
    }

    /** Runs one empty clip, so that the first real one is not the slow one. */
    public void warmUp() {
        byte[] black = new byte[3 * config.imgHeight() * config.imgWidth()];
        infer(List.of(PixelClip.of(Collections.nCopies(config.numFrames(), black), config.imgHeight())));
    }

    /**
     * Embeds clips and reads the heads; blocks until all are done.
     *
     * @param clips of the model's own size and number of frames
     * @return one result per clip, in order
     */
    public List<ClipResult> infer(List<PixelClip> clips) {
        clips.forEach(this::requireFit);
        List<ClipResult> results = new ArrayList<>(clips.size());
        for (int from = 0; from < clips.size(); from += batch) {
            List<PixelClip> part = clips.subList(from, Math.min(clips.size(), from + batch));
            results.addAll(device.call(scope -> run(scope, part)));
        }
        return results;
    }

    private void requireFit(PixelClip clip) {
        EncoderConfig.require(
                clip.frames() == config.numFrames()
                        && clip.size() == config.imgHeight()
                        && clip.size() == config.imgWidth(),
                "clip: want %d frames of %d x %d, got %d of %d x %d",
                config.numFrames(),
                config.imgHeight(),
                config.imgWidth(),
                clip.frames(),
                clip.size(),
                clip.size());
    }

    private List<ClipResult> run(NDManager scope, List<PixelClip> clips) {
        int length = clips.get(0).length();
        byte[] pixels = new byte[Math.multiplyExact(length, batch)];
        for (int i = 0; i < clips.size(); i++) {
            clips.get(i).copyTo(pixels, i * length);
        }
        Shape shape = new Shape(batch, 3, config.numFrames(), config.imgHeight(), config.imgWidth());
        NDArray tokens = loaded.encoder().encode(scope, scope.create(ByteBuffer.wrap(pixels), shape, DataType.UINT8));
        Map<String, TokenHead.Output> read = new LinkedHashMap<>();
        loaded.heads().forEach((name, head) -> read.put(name, head.read(scope, tokens)));
        NDArray vectors = pooled(scope, tokens, read);
        int rows = (int) vectors.getShape().get(1);
        float[] all = vectors.toFloatArray();
        Map<String, float[]> logits = new LinkedHashMap<>();
        read.forEach((name, output) -> logits.put(name, output.logits().toFloatArray()));
        List<ClipResult> results = new ArrayList<>();
        for (int i = 0; i < clips.size(); i++) {
            int index = i;
            Map<String, float[]> own = new LinkedHashMap<>();
            logits.forEach((name, values) -> own.put(name, row(values, index, batch)));
            results.add(new ClipResult(row(all, i, batch), rows, config.embedDim(), own));
        }
        return results;
    }

    private static float[] row(float[] values, int index, int rows) {
        int width = values.length / rows;
        return Arrays.copyOfRange(values, index * width, (index + 1) * width);
    }

    private NDArray pooled(NDManager scope, NDArray tokens, Map<String, TokenHead.Output> read) {
        return switch (pooling.kind()) {
            case MEAN -> loaded.pooling().call(scope, "mean", tokens).singletonOrThrow();
            case TIME ->
                loaded.pooling().call(scope, "time", tokens, config.gridTime()).singletonOrThrow();
            case TOKENS -> tokens;
            case ATTENTIVE ->
                read.entrySet().stream()
                        .filter(e -> e.getKey().equals(pooling.head()))
                        .map(e -> e.getValue().pooled())
                        .findFirst()
                        .orElseThrow();
        };
    }

    /**
     * Raw access, for comparing numbers.
     *
     * @param inputs {@code video} float32 {@code [B, 3, T, H, W]}, already normalised, of any grid that the model takes;
     *     optionally {@code masks.0}, {@code masks.1}, ... int64 {@code [B, K]}
     * @return float32 {@code tokens}, or {@code tokens.0}, ... one per mask; and {@code logits.HEAD} on all tokens
     */
    public Map<String, HostTensor> forward(Map<String, HostTensor> inputs) {
        HostTensor video = inputs.get("video");
        if (video == null) {
            throw new IllegalArgumentException("input: want a tensor 'video', got %s".formatted(inputs.keySet()));
        }
        return device.call(scope -> {
            NDArray clip = scope.create(video.floats(), new Shape(video.shape()));
            NDList masks = masks(scope, inputs);
            Map<String, HostTensor> out = new LinkedHashMap<>();
            if (!masks.isEmpty()) {
                NDList tokens = loaded.encoder().encode(scope, clip, masks);
                for (int i = 0; i < tokens.size(); i++) {
                    out.put("tokens." + i, host(tokens.get(i)));
                }
            }
            if (masks.isEmpty() || !loaded.heads().isEmpty()) {
                NDArray tokens = loaded.encoder().encode(scope, clip);
                if (masks.isEmpty()) {
                    out.put("tokens", host(tokens));
                }
                loaded.heads()
                        .forEach((name, head) -> out.put(
                                "logits." + name, host(head.read(scope, tokens).logits())));
            }
            return out;
        });
    }

    private static NDList masks(NDManager scope, Map<String, HostTensor> inputs) {
        NDList masks = new NDList();
        for (HostTensor mask = inputs.get("masks.0"); mask != null; mask = inputs.get("masks." + masks.size())) {
            masks.add(scope.create(LongBuffer.wrap(mask.longs()), new Shape(mask.shape()), DataType.INT64));
        }
        long others =
                inputs.keySet().stream().filter(name -> !name.equals("video")).count();
        EncoderConfig.require(
                others == masks.size(), "input: want 'video' and 'masks.0', 'masks.1', ..., got %s", inputs.keySet());
        return masks;
    }

    private static HostTensor host(NDArray array) {
        return HostTensor.of(array.toFloatArray(), array.getShape().getShape());
    }

    /** Frees the device. */
    @Override
    public void close() {
        device.close();
    }
}
