package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
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
    private static final List<String> SERVING_KERNELS = List.of(
            "attention_explicit",
            "attention_fused",
            "attention_per_head",
            "attentive_probe",
            "mean_probe",
            "pooling",
            "rope",
            "transformer",
            "video_encoder");
    private static final int USUAL_FRAMES = 16;
    private static final int MOST_FRAMES = 64;

    private final EncoderConfig config;
    private final Pooling pooling;
    private final Precision precision;
    private final int batch;
    private final DeviceExecutor device;
    private final Loaded loaded;
    private final PixelBatch pixels; // the device's thread uses it

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
        this.pixels = new PixelBatch(batch);
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
        Precision precision = options.precision()
                .orElseGet(
                        () -> Precision.usual(device.device(), bundle.encoder().embedDim()));
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

    /** SHA-256 of the arithmetic that clips go through, hexadecimal: of the texts of every kernel that serving may use. */
    public static String kernels() {
        StringBuilder all = new StringBuilder();
        SERVING_KERNELS.forEach(
                file -> all.append(file).append('\n').append(Kernel.text(file)).append('\n'));
        return Digest.ofText(all.toString());
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
        int frames = Math.min(config.numFrames(), USUAL_FRAMES);
        infer(List.of(PixelClip.of(Collections.nCopies(frames, black), config.imgHeight())));
    }

    /**
     * Whether clips of so many frames can be run: whole tubelets, up to 64 or what it was built for. A clip shorter
     * than that gets the places that the generation's own rule gives it.
     */
    public boolean takes(int frames) {
        int most = Math.max(config.numFrames(), MOST_FRAMES);
        return config.isImage() ? frames == 1 : frames > 0 && frames <= most && frames % config.tubeletSize() == 0;
    }

    /**
     * Embeds clips and reads the heads; blocks until all are done.
     *
     * @param clips of the model's own size and of frames that it {@link #takes}
     * @return one result per clip, in order
     */
    public List<ClipResult> infer(List<PixelClip> clips) {
        clips.forEach(this::requireFit);
        List<ClipResult> results = new ArrayList<>(clips.size());
        for (List<PixelClip> part : batches(clips)) {
            results.addAll(device.call(scope -> run(scope, part)));
        }
        return results;
    }

    /** Neighbours of the same length, at most a batch of them together. */
    private List<List<PixelClip>> batches(List<PixelClip> clips) {
        List<List<PixelClip>> batches = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= clips.size(); i++) {
            boolean full = i - from == batch;
            if (i == clips.size()
                    || full
                    || clips.get(i).frames() != clips.get(from).frames()) {
                batches.add(clips.subList(from, i));
                from = i;
            }
        }
        return batches;
    }

    /**
     * Scores one video by the evaluation protocol of the reference: the tokens of a view's segments stand one after the
     * other, and every head reads each view at once.
     *
     * @param views spatial views, each with the same number of segments in time order
     * @param acrossSegments whether heads see all segments of a view together; else each segment by itself
     * @return for each head logits {@code [views][C]}, or {@code [views * segments][C]}, view by view
     */
    public Map<String, float[][]> classify(List<List<PixelClip>> views, boolean acrossSegments) {
        views.forEach(segments -> segments.forEach(this::requireFit));
        Map<String, List<float[]>> logits = new LinkedHashMap<>();
        for (List<PixelClip> view : views) {
            List<List<PixelClip>> groups =
                    acrossSegments ? List.of(view) : view.stream().map(List::of).toList();
            for (List<PixelClip> segments : groups) {
                device.call(scope -> scores(scope, segments))
                        .forEach((head, values) -> logits.computeIfAbsent(head, h -> new ArrayList<>())
                                .add(values));
            }
        }
        Map<String, float[][]> out = new LinkedHashMap<>();
        logits.forEach((head, rows) -> out.put(head, rows.toArray(float[][]::new)));
        return out;
    }

    private Map<String, float[]> scores(NDManager scope, List<PixelClip> segments) {
        List<Encoded> encoded = new ArrayList<>();
        for (List<PixelClip> part : batches(segments)) {
            Encoded tokens = encode(scope, pixels.put(scope, part));
            for (int i = 0; i < part.size(); i++) {
                encoded.add(tokens.row(i));
            }
        }
        Map<String, float[]> logits = new LinkedHashMap<>();
        loaded.heads().forEach((name, head) -> {
            NDList tokens = new NDList();
            encoded.forEach(segment -> tokens.add(segment.tokens(head)));
            logits.put(
                    name, head.read(scope, NDArrays.concat(tokens, 1)).logits().toFloatArray());
        });
        return logits;
    }

    /** The encoder's output {@code [B, N, D]} and the levels that heads ask for. */
    private record Encoded(NDArray last, Map<Integer, NDArray> levels) {
        NDArray tokens(TokenHead head) {
            if (head.levels().isEmpty()) {
                return last;
            }
            NDList parts = new NDList();
            head.levels().forEach(level -> parts.add(levels.get(level)));
            return NDArrays.concat(parts, 1);
        }

        Encoded row(int index) {
            String at = "%d:%d".formatted(index, index + 1);
            Map<Integer, NDArray> own = new LinkedHashMap<>();
            levels.forEach((level, tokens) -> own.put(level, tokens.get(at)));
            return new Encoded(last.get(at), own);
        }
    }

    private Encoded encode(NDManager scope, NDArray clip) {
        SortedSet<Integer> wanted = new TreeSet<>();
        loaded.heads().values().forEach(head -> wanted.addAll(head.levels()));
        if (wanted.isEmpty()) {
            return new Encoded(loaded.encoder().encode(scope, clip), Map.of());
        }
        wanted.add(config.depth() - 1);
        NDList outputs = loaded.encoder()
                .encodeLevels(
                        scope, clip, wanted.stream().mapToInt(Integer::intValue).toArray());
        Map<Integer, NDArray> levels = new LinkedHashMap<>();
        for (int level : wanted) {
            levels.put(level, outputs.get(levels.size()));
        }
        return new Encoded(outputs.get(outputs.size() - 1), levels);
    }

    private void requireFit(PixelClip clip) {
        EncoderConfig.require(
                takes(clip.frames()) && clip.size() == config.imgHeight() && clip.size() == config.imgWidth(),
                "clip: want whole tubelets of %d frames, at most %d, of %d x %d, got %d of %d x %d",
                config.isImage() ? 1 : config.tubeletSize(),
                Math.max(config.numFrames(), MOST_FRAMES),
                config.imgHeight(),
                config.imgWidth(),
                clip.frames(),
                clip.size(),
                clip.size());
    }

    private List<ClipResult> run(NDManager scope, List<PixelClip> clips) {
        int gridTime = config.isImage() ? 1 : clips.get(0).frames() / config.tubeletSize();
        Encoded encoded = encode(scope, pixels.put(scope, clips));
        Map<String, TokenHead.Output> read = new LinkedHashMap<>();
        loaded.heads().forEach((name, head) -> read.put(name, head.read(scope, encoded.tokens(head))));
        NDArray vectors = pooled(scope, encoded.last(), gridTime, read);
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

    private NDArray pooled(NDManager scope, NDArray tokens, int gridTime, Map<String, TokenHead.Output> read) {
        return switch (pooling.kind()) {
            case MEAN -> loaded.pooling().call(scope, "mean", tokens).singletonOrThrow();
            case TIME -> loaded.pooling().call(scope, "time", tokens, gridTime).singletonOrThrow();
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
                Encoded encoded = encode(scope, clip);
                if (masks.isEmpty()) {
                    out.put("tokens", host(encoded.last()));
                }
                loaded.heads()
                        .forEach((name, head) -> out.put(
                                "logits." + name,
                                host(head.read(scope, encoded.tokens(head)).logits())));
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
