package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.DensePredictorConfig;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.mask.BlockMask;
import io.jepastream.trainer.mask.Masks;
import io.jepastream.trainer.mask.MultiBlockMasks;
import io.jepastream.trainer.mask.RandomTubeMasks;
import io.jepastream.trainer.mask.TokenGrid;
import io.jepastream.trainer.schedule.Schedule;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link PretrainConfig} means: architectures, masks, objective and schedules, checked. */
public final class Recipe {
    private static final BlockMask.Range ASPECT = new BlockMask.Range(0.75, 1.5);
    private static final BlockMask.Range ALL = new BlockMask.Range(1, 1);

    private final PretrainConfig config;
    private final EncoderConfig encoder;
    private final PredictorConfig predictor;
    private final ClipPlan clips;
    private final Schedule rate;
    private final Schedule decay;
    private final Schedule momentum;
    private final Schedule contextWeight;

    /** Works it out. */
    public Recipe(PretrainConfig config) {
        this.config = config;
        Family family = Family.named(config.family());
        this.encoder = encoder(family, config.model());
        this.predictor = predictor(encoder, config.predictor());
        this.clips = ClipPlan.of(config.data(), encoder);
        if (clips.hasImages() && imageMasks().isEmpty()) {
            throw new IllegalArgumentException("image_mask: want at least one for pictures of one frame, got none");
        }
        PretrainConfig.Optimization o = config.optimization();
        double span = o.ipeScale() * o.epochs() * o.ipe();
        long total = (long) span;
        this.rate = or(o.anneal())
                ? Schedule.linear(o.lr(), o.finalLr(), total)
                : Schedule.warmupCosine(o.startLr(), o.lr(), o.finalLr(), (long) (o.warmup() * o.ipe()), total);
        this.decay = Schedule.cosine(o.weightDecay(), o.finalWeightDecay(), total);
        this.momentum = Schedule.momentum(o.ema().get(0), o.ema().get(1), span);
        this.contextWeight = contextWeight(config.loss());
    }

    private static EncoderConfig encoder(Family family, PretrainConfig.Model m) {
        String size = m.size();
        EncoderConfig.Builder builder =
                size == null ? EncoderConfig.builder(family) : EncoderConfig.builder(family, size);
        builder.imgSize(m.imgSize())
                .patchSize(m.patchSize())
                .numFrames(m.numFrames())
                .tubeletSize(m.tubeletSize());
        Optional.ofNullable(m.embedDim()).ifPresent(builder::embedDim);
        Optional.ofNullable(m.depth()).ifPresent(builder::depth);
        Optional.ofNullable(m.numHeads()).ifPresent(builder::numHeads);
        Optional.ofNullable(m.mlpRatio()).ifPresent(builder::mlpRatio);
        return builder.build();
    }

    private static PredictorConfig predictor(EncoderConfig encoder, PretrainConfig.PredictorSize p) {
        PredictorConfig official = PredictorConfig.officialFor(encoder);
        Integer heads = p.numHeads();
        return new PredictorConfig(
                encoder.embedDim(),
                p.embedDim(),
                p.depth(),
                heads == null ? encoder.numHeads() : heads,
                official.mlpRatio(),
                p.numMaskTokens(),
                true,
                official.useRope(),
                official.uniformPower(),
                false,
                true,
                official.normEps(),
                dense(encoder));
    }

    /** Trained by itself, a predictor guesses what it reads: as many levels as the encoder gives out. */
    private static DensePredictorConfig dense(EncoderConfig encoder) {
        int levels = encoder.dense().outputLevels();
        return encoder.family() == Family.VJEPA21
                ? new DensePredictorConfig(levels, levels * encoder.embedDim(), true, true, true)
                : DensePredictorConfig.NONE;
    }

    private static Schedule contextWeight(PretrainConfig.Loss loss) {
        Double weight = loss.contextWeight();
        Long from = loss.contextFrom();
        Long to = loss.contextTo();
        if (weight == null) {
            return Schedule.constant(0);
        }
        return from == null || to == null ? Schedule.constant(weight) : Schedule.ramp(weight, from, to);
    }

    private static boolean or(@Nullable Boolean flag) {
        return flag != null && flag;
    }

    public PretrainConfig config() {
        return config;
    }

    public EncoderConfig encoder() {
        return encoder;
    }

    public PredictorConfig predictor() {
        return predictor;
    }

    /** What is minimised, with the context loss at its full weight. */
    public Objective objective() {
        PretrainConfig.Loss loss = config.loss();
        Double weight = loss.contextWeight();
        if (or(loss.pixels()) && encoder.family() == Family.VJEPA21) {
            throw new IllegalArgumentException("loss: pixels: want vjepa1 or vjepa2, got "
                    + encoder.family().id());
        }
        return new Objective(
                loss.lossExp(),
                loss.regCoeff(),
                weight == null ? 0 : weight,
                or(loss.weighDistance()),
                or(loss.pixels()),
                or(loss.whiten()));
    }

    /** First weights by the run's seed. */
    public TrainingState draw() {
        TrainingState state = objective().pixels()
                ? InitialWeights.drawForPixels(encoder, predictor, config.seed())
                : InitialWeights.draw(encoder, predictor, config.seed());
        PretrainConfig.Init init = config.init();
        if (init == null) {
            return state;
        }
        Double gain = init.gain();
        return InitialWeights.changed(state, encoder, gain == null ? 1 : gain, or(init.motionFilters()), config.seed());
    }

    /** How the first weights are changed, such as {@code gain 2.5, motion filters}; empty where they are the reference's. */
    String initChanges() {
        PretrainConfig.Init init = config.init();
        return init == null ? "" : init.changes();
    }

    /** Clips that an update is made of, on all devices together; a picture is one. */
    public long clipsOfAStep() {
        PretrainConfig.Data data = config.data();
        long passes = (long) data.accumulate() * config.run().deviceNames().size();
        return passes * clips.batch(data);
    }

    /** Which clips a step has. */
    ClipPlan clips() {
        return clips;
    }

    /** Fresh sources of masks for clips of a length, at the first step. */
    public List<Masks> masks(int frames) {
        boolean image = clips.isImage(frames);
        int time = image || encoder.isImage() ? 1 : frames / encoder.tubeletSize();
        TokenGrid grid = new TokenGrid(time, encoder.gridHeight(), encoder.gridWidth());
        return (image ? imageMasks() : config.mask())
                .stream().map(mask -> masks(mask, grid)).toList();
    }

    private List<PretrainConfig.Mask> imageMasks() {
        List<PretrainConfig.Mask> masks = config.imageMask();
        return masks == null ? List.of() : masks;
    }

    private static Masks masks(PretrainConfig.Mask m, TokenGrid grid) {
        Double ratio = m.ratio();
        if (ratio != null) {
            return new RandomTubeMasks(ratio, grid);
        }
        Integer blocks = m.numBlocks();
        Integer keep = m.maxKeep();
        Double temporal = m.maxTemporalKeep();
        BlockMask mask = new BlockMask(
                blocks == null ? 0 : blocks,
                range("spatial_scale", m.spatialScale(), null),
                range("temporal_scale", m.temporalScale(), ALL),
                range("aspect_ratio", m.aspectRatio(), ASPECT),
                temporal == null ? 1 : temporal,
                keep == null ? 0 : keep,
                complement(m));
        return new MultiBlockMasks(mask, grid);
    }

    private static BlockMask.Complement complement(PretrainConfig.Mask m) {
        if (or(m.fullComplement())) {
            return BlockMask.Complement.TARGET;
        }
        if (or(m.predFullComplement())) {
            return BlockMask.Complement.CONTEXT;
        }
        return or(m.invBlock()) ? BlockMask.Complement.SWAP : BlockMask.Complement.NONE;
    }

    private static BlockMask.Range range(
            String name, @Nullable List<Double> pair, BlockMask.@Nullable Range otherwise) {
        if (pair == null && otherwise != null) {
            return otherwise;
        }
        if (pair == null || pair.size() != 2) {
            throw new IllegalArgumentException("mask: %s: want two numbers, got %s".formatted(name, pair));
        }
        return new BlockMask.Range(pair.get(0), pair.get(1));
    }

    /** What update {@code step}, from 1, is told. Clipping starts an epoch after the warm-up, as in the reference. */
    public PretrainStep.Hyper hyper(long step) {
        PretrainConfig.Optimization o = config.optimization();
        long epoch = (step - 1) / o.ipe();
        double clip = epoch > o.warmup() ? o.clipGrad() : 0;
        return new PretrainStep.Hyper(rate.at(step), decay.at(step), clip, momentum.at(step));
    }

    /** Weight of the loss on visible tokens at step {@code step}, from 1. */
    public double contextWeight(long step) {
        return contextWeight.at(step);
    }

    /** What matrix products are computed in: bf16 on a GPU, and where it is asked for. */
    public Precision precision(boolean gpu) {
        String name = config.run().precision();
        if (name.equals("auto")) {
            return gpu ? Precision.BF16 : Precision.FP32;
        }
        return Precision.named(name);
    }
}
