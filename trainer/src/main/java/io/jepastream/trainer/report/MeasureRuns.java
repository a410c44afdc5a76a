package io.jepastream.trainer.report;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.eval.Protocol;
import io.jepastream.trainer.finetune.FineTuneSettings;
import io.jepastream.trainer.finetune.FineTuning;
import io.jepastream.trainer.probe.FeatureCache;
import io.jepastream.trainer.probe.FeatureReader;
import io.jepastream.trainer.probe.FeatureSpec;
import io.jepastream.trainer.probe.ProbeSettings;
import io.jepastream.trainer.probe.ProbeTraining;
import io.jepastream.trainer.probe.Sample;
import io.jepastream.trainer.probe.Stratified;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Measurements of encoders on the generated set: every number is held-out top-1 after the last epoch, none is picked. */
final class MeasureRuns {
    private static final long MOST_FEATURES = 100_000_000_000L;
    private static final List<Double> ATTENTIVE_RATES = List.of(1e-3); // arXiv:2404.08471, Table 9
    private static final List<Double> AVERAGE_RATES = List.of(3e-2, 3e-3);
    private static final double DECAY = 0.01; // the same table

    private final ReportSettings settings;
    private final DeviceExecutor device;
    private final ModelOptions options;
    private final VideoSet train;
    private final VideoSet heldOut;
    private final ClassNames classes;

    /**
     * Reads which videos there are.
     *
     * @param data the generated set
     * @param options of the frozen encoder; its device is {@code device}'s
     */
    MeasureRuns(ReportSettings settings, Path data, DeviceExecutor device, ModelOptions options) throws IOException {
        this.settings = settings;
        this.device = device;
        this.options = options.withPrecision(settings.precision());
        this.train = VideoSet.of(data.resolve("train"));
        this.heldOut = VideoSet.of(data.resolve("val"));
        this.classes = new ClassNames(settings.task().classes());
    }

    /**
     * Held-out top-1, 0 to 1.
     *
     * @param model bundle of the encoder
     * @param features folder for the frozen encoder's features, kept from one call to the next
     */
    double measure(Measure measure, Path model, Path features, long seed) throws IOException, InterruptedException {
        ModelBundle bundle = ModelBundle.read(model);
        return measure.kind() == Measure.Kind.FINE_TUNED
                ? fineTuned(bundle, seed)
                : frozen(measure, bundle, features, seed);
    }

    private double frozen(Measure measure, ModelBundle bundle, Path features, long seed) throws IOException {
        Protocol protocol = new Protocol(1, 1, bundle.encoder().numFrames(), 1, true, 0);
        FeatureSpec spec = new FeatureSpec(protocol, List.of(), false, FeatureSpec.Storage.FP16);
        List<Sample> all;
        List<Sample> held;
        try (FeatureReader reader =
                new FeatureReader(bundle, options, spec, new FeatureCache(features, MOST_FEATURES))) {
            all = reader.read(items(train), protocol, MeasureRuns::refuse);
            held = reader.read(items(heldOut), protocol, MeasureRuns::refuse);
        }
        List<Sample> some = measure.share() == 1
                ? all
                : Stratified.subset(all, Sample::label, measure.share(), seed).taken();
        double[] last = new double[1];
        new ProbeTraining(probe(measure, bundle.encoder(), some.size(), seed), device)
                .run(
                        some,
                        held,
                        epoch -> last[0] = epoch.heads().stream()
                                .mapToDouble(ProbeTraining.Standing::top1)
                                .max()
                                .orElse(0));
        return last[0];
    }

    private ProbeSettings probe(Measure measure, EncoderConfig encoder, int videos, long seed) {
        boolean average = measure.kind() == Measure.Kind.AVERAGE;
        ReportScale scale = settings.scale();
        int epochSteps = (videos + scale.batch() - 1) / scale.batch();
        int epochs = Math.max(scale.probeEpochs(), (scale.probeSteps() + epochSteps - 1) / epochSteps);
        return new ProbeSettings(
                head(encoder, average ? ProbeConfig.Kind.MEAN : ProbeConfig.Kind.ATTENTIVE_V1),
                average ? AVERAGE_RATES : ATTENTIVE_RATES,
                List.of(DECAY),
                epochs,
                scale.batch(),
                0,
                0,
                0,
                false,
                seed);
    }

    private ProbeConfig head(EncoderConfig encoder, ProbeConfig.Kind kind) {
        return new ProbeConfig(
                kind,
                encoder.embedDim(),
                encoder.numHeads(),
                4,
                1,
                classes.names().size(),
                1e-5);
    }

    private double fineTuned(ModelBundle bundle, long seed) throws IOException, InterruptedException {
        EncoderConfig encoder = bundle.encoder();
        int epochs = settings.scale().tuneEpochs();
        FineTuneSettings tuning = new FineTuneSettings(
                epochs,
                epochs / 7.0,
                settings.scale().batch(),
                5e-4,
                0.75,
                0.05,
                FineTuneSettings.Regularisation.of(0.1, 0.1),
                FineTuneSettings.Clips.of(RandomView.of(encoder.imgHeight(), false), 1),
                settings.precision(),
                seed);
        return new FineTuning(tuning, encoder, head(encoder, ProbeConfig.Kind.MEAN), device)
                .run(bundle.encoderState(), new FineTuning.Sets(train, heldOut, classes), epoch -> {})
                .last()
                .top1();
    }

    private List<FeatureReader.Item> items(VideoSet set) {
        return set.videos().stream()
                .map(video -> new FeatureReader.Item(
                        video.file(), classes.index(video.label().orElse("")).orElseThrow()))
                .toList();
    }

    private static void refuse(Path video, Optional<String> problem) {
        problem.ifPresent(text -> {
            throw new IllegalStateException(
                    "%s: want a generated video that can be read, got: %s".formatted(video, text));
        });
    }
}
