package io.jepastream.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelFlops;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.Attention;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.MatrixProducts;
import io.jepastream.encoder.tensor.MatrixProducts.Size;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.pretrain.InitialWeights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An encoder of random weights on clips of noise, against the device's own matrix products. */
public final class EncoderBench {
    private static final long SEED = 1;
    private static final double LEAST_SECONDS = 1;
    private static final double NANOS = 1e9;
    private static final double GIGA = 1e9;
    private static final int CPU_CUBE = 2048;
    private static final int GPU_CUBE = 8192;

    private final DeviceExecutor device;
    private final int repeat;

    /**
     * What is run.
     *
     * @param name of the size
     * @param batch clips of a call
     * @param attention kernel file, or {@code auto} for the one that is used without asking
     */
    public record Case(String name, EncoderConfig config, Precision precision, int batch, String attention) {
        String what() {
            String shape =
                    "%s %dx%d %s, batch %d".formatted(name, config.numFrames(), config.imgHeight(), precision, batch);
            return attention.equals(AUTO) ? shape : shape + ", " + attention;
        }

        long flops() {
            return ModelFlops.encoder(config);
        }
    }

    /** The attention that the device is given without asking. */
    public static final String AUTO = "auto";

    /** A benchmark on a device, which stays its owner's. */
    public EncoderBench(DeviceExecutor device, int repeat) {
        this.device = device;
        this.repeat = repeat;
    }

    /** Loads, runs and forgets an encoder. */
    public Figure measure(Case what) throws IOException {
        PeakMemory memory = PeakMemory.begin();
        return device.call(scope -> {
                    long start = System.nanoTime();
                    try (VideoEncoder encoder = load(scope, what);
                            MatrixProducts products = new MatrixProducts(scope, what.precision())) {
                        double loaded = seconds(start);
                        return new Run(what, encoder, products, clips(scope, what)).figure(scope, loaded, repeat);
                    }
                })
                .with("peak memory", memory.peak().orElse("unknown"));
    }

    private static VideoEncoder load(NDManager scope, Case what) {
        EncoderConfig config = what.config();
        String attention = what.attention().equals(AUTO)
                ? Attention.fileFor(scope.getDevice(), what.precision(), config.tokens())
                : what.attention();
        return VideoEncoder.load(
                scope, config, what.precision(), attention, InitialWeights.encoderOnDemand(config, SEED));
    }

    /** Noise, uint8 {@code [B, 3, T, H, W]}. */
    private static NDArray clips(NDManager scope, Case what) {
        EncoderConfig config = what.config();
        Shape shape = new Shape(what.batch(), 3, config.numFrames(), config.imgHeight(), config.imgWidth());
        byte[] noise = new byte[Math.toIntExact(shape.size())];
        new Random(SEED).nextBytes(noise);
        try (NDArray borrowed = scope.create(ByteBuffer.wrap(noise), shape, DataType.UINT8)) {
            return borrowed.duplicate();
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / NANOS;
    }

    /** One encoder at work. */
    private record Run(Case what, VideoEncoder encoder, MatrixProducts products, NDArray clips) {
        Figure figure(NDManager scope, double loaded, int repeat) {
            double first = 1 / calls(scope, 1);
            double usual = calls(scope, 1);
            int calls = (int) Math.max(1, Math.ceil(LEAST_SECONDS * usual));
            List<Double> rates = new ArrayList<>();
            List<Double> bounds = new ArrayList<>();
            for (int i = 0; i < repeat; i++) {
                double before = products.peak(scope, sizes(scope));
                rates.add(what.batch() * calls(scope, calls));
                bounds.add(Math.max(before, products.peak(scope, sizes(scope))) / what.flops());
            }
            Figure figure = Figure.of(
                    what.what(), "clips/s", rates, what.precision() + " matrix products at their fastest", bounds);
            double rate = figure.values().median() * what.flops() / GIGA;
            double peak = new Repetitions(bounds).median() * what.flops() / GIGA;
            return figure.with("reached", BenchReport.number(rate) + " GFLOP/s")
                    .with("of", BenchReport.number(peak) + " GFLOP/s")
                    .with("work", BenchReport.number(what.flops() / GIGA) + " GFLOP a clip")
                    .with("load", BenchReport.number(loaded) + " s")
                    .with("first call", BenchReport.number(first) + " s");
        }

        /** Calls a second over so many calls, each waited for. */
        private double calls(NDManager scope, int calls) {
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                try (NDManager own = scope.newSubManager()) {
                    encoder.encode(own, clips).get(0).get(0).get(0).getFloat();
                }
            }
            return calls / seconds(start);
        }

        /** Of the products to compare with: a cube, and the two largest of the model's own. */
        private List<Size> sizes(NDManager scope) {
            int cube = scope.getDevice().isGpu() ? GPU_CUBE : CPU_CUBE;
            long rows = (long) what.batch() * what.config().tokens();
            long dim = what.config().embedDim();
            return List.of(new Size(cube, cube, cube), new Size(rows, dim, 3 * dim), new Size(rows, 4 * dim, dim));
        }
    }
}
