package io.jepastream.app;

import io.jepastream.app.kafka.ModelSheet;
import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.JepaModel;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.Pooling;
import io.jepastream.encoder.stream.BatchedRunner;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.ingest.media.Picture;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.Labeller;
import io.jepastream.probeheads.ProbeHead;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A bundle with its heads, loaded and warm, as the options ask. */
final class ServedModel implements AutoCloseable {
    private static final int GPU_BATCH = 8;

    private final ServeOptions options;
    private final JepaModel model;
    private final Served served;
    private final List<ProbeHead> heads;
    private final List<Labeller> labellers;
    private boolean abandoned;

    private ServedModel(ServeOptions options, ModelBundle bundle, JepaModel model, List<ProbeHead> heads) {
        this.options = options;
        this.model = model;
        this.served = new Served(
                model,
                bundle.transform(),
                new ModelIdentity(
                        bundle.name(),
                        bundle.digest(),
                        EvalTransform.VERSION,
                        model.precision().toString(),
                        options.pooling));
        this.heads = heads;
        this.labellers = heads.stream()
                .map(head -> new Labeller(head.name(), head.digest(), head.labels(), options.top))
                .toList();
    }

    /** As {@link #cold}, and runs it once, so that the first clip is not the slow one. */
    static ServedModel open(ServeOptions options) throws IOException {
        ServedModel model = cold(options);
        CompletableFuture<Void> warm = CompletableFuture.runAsync(model.raw()::warmUp);
        try {
            warm.get(options.modelTimeout.toMillis(), TimeUnit.MILLISECONDS);
            return model;
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "the model is stuck: want its first answer within %d s (--model-timeout), got none"
                            .formatted(options.modelTimeout.toSeconds()),
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the model is broken: it failed for a black clip: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the model ran for the first time", e);
        }
    }

    /** Loads the model; fails early and by name where the bundle, a head or the device does not fit. */
    static ServedModel cold(ServeOptions options) throws IOException {
        return cold(options, 0);
    }

    /** As {@link #cold(ServeOptions)}, with so many cores for one operation on the CPU; 0 leaves the engine's choice. */
    static ServedModel cold(ServeOptions options, int threads) throws IOException {
        ModelBundle bundle = ModelBundle.read(options.directory());
        List<ProbeHead> heads = Heads.open(bundle, names(options, bundle));
        ModelOptions run = new ModelOptions(
                options.on.device,
                options.on.precision(),
                options.maxBatch == 0 ? GPU_BATCH : options.maxBatch,
                Pooling.parse(options.pooling),
                threads);
        return new ServedModel(options, bundle, JepaModel.open(bundle, run, heads), heads);
    }

    private static List<String> names(ServeOptions options, ModelBundle bundle) throws IOException {
        List<String> asked = options.heads;
        if (asked == null) {
            return bundle.headNames();
        }
        return asked.equals(List.of("none")) ? List.of() : asked;
    }

    ClipModel model() {
        return served;
    }

    JepaModel raw() {
        return model;
    }

    EvalTransform transform() {
        return served.transform();
    }

    List<ProbeHead> heads() {
        return heads;
    }

    List<Labeller> labellers() {
        return labellers;
    }

    /** A batcher in front of the model; the caller closes it. */
    BatchedRunner runner(Duration clipTimeout) {
        return runner(served, clipTimeout);
    }

    /** A batcher in front of the model in another guise; the caller closes it. */
    BatchedRunner runner(ClipModel guise, Duration clipTimeout) {
        BatchedRunner.Limits limits = new BatchedRunner.Limits(clipTimeout, options.modelTimeout);
        return new BatchedRunner(guise, model.batch(), options.maxWait, limits);
    }

    /** Why the model must be taken for stuck, if it must; from then on it is left behind, as its thread cannot be ended. */
    Optional<String> stuck(BatchedRunner runner) {
        Optional<String> reason = runner.stuck();
        abandoned |= reason.isPresent();
        return reason;
    }

    /** Stream threads that keep the model busy: two for each place in a batch. */
    int threads() {
        return 2 * model.batch();
    }

    /** What every worker of a site must have in common with this one: all that a record's bits depend on, but the device. */
    ModelSheet sheet() {
        ModelIdentity id = served.identity();
        Map<String, String> values = new TreeMap<>();
        values.put("name", id.name());
        values.put("weights", id.digest());
        values.put("preprocessing", id.preprocessing());
        values.put("precision", id.precision());
        values.put("pooling", id.pooling());
        values.put("kernels", JepaModel.kernels());
        values.put("top", Integer.toString(options.top));
        heads.forEach(head -> values.put("head " + head.name(), head.digest()));
        return new ModelSheet(values);
    }

    String describe() {
        ModelIdentity id = served.identity();
        return "Model %s %s on %s in %s, pooling %s, heads %s"
                .formatted(
                        id.name(),
                        id.digest().substring(0, 12),
                        model.device(),
                        id.precision(),
                        id.pooling(),
                        labellers.stream().map(Labeller::head).toList());
    }

    @Override
    public void close() {
        if (!abandoned) {
            model.close();
        }
    }

    private record Served(JepaModel model, EvalTransform transform, ModelIdentity identity) implements ClipModel {
        @Override
        public boolean takes(int frames) {
            return model.takes(frames);
        }

        @Override
        public PixelClip prepare(List<Picture> pictures) {
            return PixelClip.of(
                    pictures.stream()
                            .map(picture -> transform.view(picture.planes(), picture.width(), picture.height()))
                            .toList(),
                    transform.crop());
        }

        @Override
        public List<ClipResult> infer(List<PixelClip> clips) {
            return model.infer(clips);
        }
    }
}
