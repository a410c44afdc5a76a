package io.jepastream.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelFlops;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.MatrixProducts;
import io.jepastream.encoder.tensor.MatrixProducts.Size;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.mask.MaskPair;
import io.jepastream.trainer.pretrain.InitialWeights;
import io.jepastream.trainer.pretrain.Objective;
import io.jepastream.trainer.pretrain.PretrainStep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Whole pretraining steps, gradients, AdamW and moving average, on clips of noise that are on the device already. */
public final class TrainBench {
    private static final long SEED = 1;
    private static final double LEAST_SECONDS = 2;
    private static final double NANOS = 1e9;
    private static final double GIGA = 1e9;
    private static final int CPU_CUBE = 2048;
    private static final int GPU_CUBE = 8192;
    private static final PretrainStep.Hyper HYPER = new PretrainStep.Hyper(1e-4, 0.04, 10, 0.998);

    private final DeviceExecutor device;
    private final int repeat;

    /**
     * What is trained.
     *
     * @param name of the size
     * @param batch clips of a step
     * @param masks pairs of a step; each has the same share of visible tokens
     * @param visible tokens of a clip that the encoder sees; the others are predicted
     */
    public record Case(
            String name,
            EncoderConfig encoder,
            PredictorConfig predictor,
            Precision precision,
            int batch,
            int masks,
            int visible) {
        String what() {
            return "%s %dx%d %s, batch %d, %d of %d tokens visible, masks %d"
                    .formatted(
                            name,
                            encoder.numFrames(),
                            encoder.imgHeight(),
                            precision,
                            batch,
                            visible,
                            encoder.tokens(),
                            masks);
        }

        /**
         * Of one clip's share of a step: the target encoder forward; encoder and predictor forward and twice as much backward,
         * but that nothing flows back into pixels.
         */
        long flops() {
            long patches = ModelFlops.patches(encoder);
            long target = patches + ModelFlops.blocks(encoder, encoder.tokens());
            long seen = ModelFlops.blocks(encoder, visible);
            long guessed = ModelFlops.predictor(predictor, visible, encoder.tokens() - visible);
            return target + 2 * patches + 3L * masks * (seen + guessed);
        }
    }

    /** A benchmark on a device, which stays its owner's. */
    public TrainBench(DeviceExecutor device, int repeat) {
        this.device = device;
        this.repeat = repeat;
    }

    /** Trains from drawn weights and forgets them. */
    public Figure measure(Case what) throws IOException {
        PeakMemory memory = PeakMemory.begin();
        return device.call(scope -> {
                    try (PretrainStep step = new PretrainStep(
                                    scope,
                                    what.encoder(),
                                    what.predictor(),
                                    Objective.FEATURES,
                                    what.precision(),
                                    InitialWeights.draw(what.encoder(), what.predictor(), SEED));
                            MatrixProducts products = new MatrixProducts(scope, what.precision())) {
                        return new Run(what, step, products, clips(scope, what), masks(what)).figure(scope, repeat);
                    }
                })
                .with("peak memory", memory.peak().orElse("unknown"));
    }

    /** Noise, uint8 {@code [B, 3, T, H, W]}. */
    private static NDArray clips(NDManager scope, Case what) {
        EncoderConfig config = what.encoder();
        Shape shape = new Shape(what.batch(), 3, config.numFrames(), config.imgHeight(), config.imgWidth());
        byte[] noise = new byte[Math.toIntExact(shape.size())];
        new Random(SEED).nextBytes(noise);
        try (NDArray borrowed = scope.create(ByteBuffer.wrap(noise), shape, DataType.UINT8)) {
            return borrowed.duplicate();
        }
    }

    private static List<MaskPair> masks(Case what) {
        Random random = new Random(SEED);
        return IntStream.range(0, what.masks())
                .mapToObj(i -> mask(what, random))
                .toList();
    }

    private static MaskPair mask(Case what, Random random) {
        int[][] context = new int[what.batch()][];
        int[][] target = new int[what.batch()][];
        for (int clip = 0; clip < what.batch(); clip++) {
            List<Integer> all = new ArrayList<>(
                    IntStream.range(0, what.encoder().tokens()).boxed().toList());
            Collections.shuffle(all, random);
            context[clip] = sorted(all.subList(0, what.visible()));
            target[clip] = sorted(all.subList(what.visible(), all.size()));
        }
        return new MaskPair(context, target);
    }

    private static int[] sorted(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** One model in training. */
    private record Run(Case what, PretrainStep step, MatrixProducts products, NDArray clips, List<MaskPair> masks) {
        Figure figure(NDManager scope, int repeat) {
            double first = 1 / steps(scope, 1);
            int steps = (int) Math.max(1, Math.ceil(LEAST_SECONDS * steps(scope, 1)));
            List<Double> rates = new ArrayList<>();
            List<Double> bounds = new ArrayList<>();
            for (int i = 0; i < repeat; i++) {
                double before = products.peak(scope, sizes(scope));
                rates.add(what.batch() * steps(scope, steps));
                bounds.add(Math.max(before, products.peak(scope, sizes(scope))) / what.flops());
            }
            Figure figure = Figure.of(
                    what.what(), "clips/s", rates, what.precision() + " matrix products at their fastest", bounds);
            double rate = figure.values().median();
            return figure.with("steps", BenchReport.number(rate / what.batch()) + " steps/s")
                    .with("reached", BenchReport.number(rate * what.flops() / GIGA) + " GFLOP/s")
                    .with("work", BenchReport.number(what.flops() / GIGA) + " GFLOP a clip")
                    .with("first step", BenchReport.number(first) + " s");
        }

        /** Steps a second over so many of them, each waited for. */
        private double steps(NDManager scope, int steps) {
            long start = System.nanoTime();
            for (int i = 0; i < steps; i++) {
                try (NDManager own = scope.newSubManager()) {
                    PretrainStep.Loss loss = step.accumulate(own, clips, masks, 0, 1, 0);
                    PretrainStep.Norms norms = step.update(own, HYPER);
                    if (!norms.finite() || !Double.isFinite(loss.total())) {
                        throw new IllegalStateException(
                                "%s: want losses that are numbers, got %s".formatted(what.what(), loss));
                    }
                }
            }
            return steps / ((System.nanoTime() - start) / NANOS);
        }

        /** Of the products to compare with: a cube, and the target encoder's two largest. */
        private List<Size> sizes(NDManager scope) {
            int cube = scope.getDevice().isGpu() ? GPU_CUBE : CPU_CUBE;
            long rows = (long) what.batch() * what.encoder().tokens();
            long dim = what.encoder().embedDim();
            return List.of(new Size(cube, cube, cube), new Size(rows, dim, 3 * dim), new Size(rows, 4 * dim, dim));
        }
    }
}
