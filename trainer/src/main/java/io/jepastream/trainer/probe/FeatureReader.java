package io.jepastream.trainer.probe;

import ai.djl.Device;
import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.JepaModel;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.data.VideoFile;
import io.jepastream.trainer.eval.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The frozen encoder at work: videos to kept features, each once; the next video is decoded meanwhile. */
public final class FeatureReader implements AutoCloseable {
    private final ModelBundle bundle;
    private final ModelOptions options;
    private final FeatureSpec kind;
    private final FeatureCache cache;
    private final ExecutorService decoder = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "decoder");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable JepaModel model;
    private int computed;
    private String arithmetic = "";

    /** A labelled video: its class by number. */
    public record Item(Path video, int label) {}

    /** Told after each video: its file, and what was wrong with it. */
    @FunctionalInterface
    public interface Listener extends BiConsumer<Path, Optional<String>> {}

    /**
     * Loads nothing yet: where all features are there, the encoder is never needed.
     *
     * @param kind levels, pooling and storage of the features; each call gives its own protocol
     */
    public FeatureReader(ModelBundle bundle, ModelOptions options, FeatureSpec kind, FeatureCache cache) {
        this.bundle = bundle;
        this.options = options;
        this.kind = kind;
        this.cache = cache;
    }

    /**
     * Finds or computes the features of videos.
     *
     * @param protocol how they become clips
     * @param listener told of each
     * @return the videos that could be read, in order
     * @throws IOException if the cache cannot be used; a video that cannot be read goes to the listener
     */
    public List<Sample> read(List<Item> items, Protocol protocol, Listener listener) throws IOException {
        FeatureSpec spec = new FeatureSpec(protocol, kind.levels(), kind.pooled(), kind.storage());
        Dtype dtype = spec.dtype(bundle.encoder(), items.size());
        cache.requireRoom(dtype.bytes() * spec.values(bundle.encoder()) * items.size());
        Map<Item, Path> kept = new HashMap<>();
        Set<Item> missing = new LinkedHashSet<>(); // in order
        for (Item item : items) {
            Optional<Path> found = cache.find(key(item.video(), spec, dtype));
            found.ifPresentOrElse(file -> kept.put(item, file), () -> missing.add(item));
        }
        Iterator<Item> ahead = List.copyOf(missing).iterator();
        Optional<CompletableFuture<List<List<PixelClip>>>> next = decodeNext(ahead, protocol);
        List<Sample> samples = new ArrayList<>();
        for (Item item : items) {
            Optional<String> problem = Optional.empty();
            try {
                if (missing.remove(item)) {
                    CompletableFuture<List<List<PixelClip>>> own = next.orElseThrow();
                    next = decodeNext(ahead, protocol);
                    kept.put(item, compute(item, own, spec, dtype));
                }
                Path features = kept.get(item);
                if (features != null) {
                    samples.add(new Sample(item.video(), item.label(), features));
                }
            } catch (UnreadableVideoException e) {
                problem = Optional.of(String.valueOf(e.getMessage()));
            }
            listener.accept(item.video(), problem);
        }
        return samples;
    }

    /** Videos that the encoder had to see. */
    public int computed() {
        return computed;
    }

    private static final class UnreadableVideoException extends IOException {
        private static final long serialVersionUID = 1;

        UnreadableVideoException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }

    private Optional<CompletableFuture<List<List<PixelClip>>>> decodeNext(Iterator<Item> items, Protocol protocol) {
        if (!items.hasNext()) {
            return Optional.empty();
        }
        Item item = items.next();
        EvalTransform transform = bundle.transform();
        return Optional.of(CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return protocol.clips(new VideoFile(item.video()), transform, number(item.video()));
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                decoder));
    }

    private Path compute(Item item, CompletableFuture<List<List<PixelClip>>> clips, FeatureSpec spec, Dtype dtype)
            throws IOException {
        List<List<PixelClip>> views;
        try {
            views = clips.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new UnreadableVideoException(cause);
            }
            throw e;
        }
        float[][] rows = model().classify(views, spec.protocol().acrossSegments())
                .getOrDefault(FeatureHead.NAME, new float[0][]);
        int width = bundle.encoder().embedDim();
        List<HostTensor> parts = new ArrayList<>();
        for (float[] row : rows) {
            parts.add(HostTensor.of(row, row.length / width, width));
        }
        HostTensor all = HostTensor.joined(parts, rows.length, rows[0].length / width, width);
        computed++;
        HostTensor stored = switch (dtype) {
            case F16 -> all.toF16();
            case BF16 -> all.toBf16();
            default -> all;
        };
        return cache.put(key(item.video(), spec, dtype), stored);
    }

    private JepaModel model() throws IOException {
        JepaModel loaded = model;
        if (loaded == null) {
            loaded = JepaModel.open(bundle, options, List.of(new FeatureHead(kind.levels(), kind.pooled())));
            model = loaded;
        }
        return loaded;
    }

    /** Draws where clips lie; of the video's own name, so that they stay where they are as others come and go. */
    public static long number(Path video) {
        Path folder = video.toAbsolutePath().normalize().getParent();
        String parent = folder == null ? "" : String.valueOf(folder.getFileName());
        return (parent + "/" + video.getFileName()).hashCode();
    }

    private String key(Path video, FeatureSpec spec, Dtype dtype) throws IOException {
        Protocol p = spec.protocol();
        Path file = video.toAbsolutePath().normalize();
        boolean there = Files.isReadable(file);
        return String.join(
                "\n",
                "video " + file,
                "bytes " + (there ? Files.size(file) : -1),
                "modified " + (there ? Files.getLastModifiedTime(file).toMillis() : -1),
                "model " + bundle.digest(),
                "precision " + arithmetic(),
                "preprocessing " + EvalTransform.VERSION,
                "frames %d step %d segments %d views %d".formatted(p.frames(), p.step(), p.segments(), p.views()),
                "across %s seed %d".formatted(p.acrossSegments(), p.seed()),
                "levels %s pooled %s type %s".formatted(spec.levels(), spec.pooled(), dtype));
    }

    /** What the encoder computes in: bits differ from one kind of device to the other, and by precision. */
    private String arithmetic() {
        if (arithmetic.isEmpty()) {
            Device device = options.resolve();
            Precision usual = device.isGpu() ? Precision.BF16 : Precision.FP32;
            arithmetic = "%s on %s".formatted(options.precision().orElse(usual), device.getDeviceType());
        }
        return arithmetic;
    }

    /** Frees the encoder; features stay. */
    @Override
    public void close() {
        decoder.shutdownNow();
        if (model != null) {
            model.close();
        }
    }
}
