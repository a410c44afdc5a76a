package io.jepastream.trainer.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.LabelScores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Trains heads on kept features and picks one: the best of all heads after any epoch by held-out top-1, the smaller loss
 * where two are level. Reads downward: heads, epochs, steps, validation, choice.
 */
public final class ProbeTraining {
    private static final int FIVE = 5;
    private static final double LEAST = 1e-12; // of a probability under a logarithm

    private final ProbeSettings settings;
    private final DeviceExecutor device;

    /**
     * Where a head stands after an epoch.
     *
     * @param trainLoss mean over the epoch's steps
     * @param loss held out: mean of -log of the probability, averaged over views, of the true class
     * @param top1 held out, 0 to 1
     * @param top5 held out, 0 to 1
     */
    public record Standing(double trainLoss, double loss, double top1, double top5) {
        boolean betterThan(Standing other) {
            return top1 > other.top1 || (top1 == other.top1 && loss < other.loss);
        }
    }

    /** All heads after an epoch, from 1. */
    public record Epoch(int number, List<Standing> heads, double stepsPerSecond) {}

    /** The chosen head: its weights, how it was trained, after which epoch, and how it stood. */
    public record Best(Map<String, HostTensor> state, ProbeSettings.Arm arm, int epoch, Standing standing) {}

    /**
     * Prepares a run.
     *
     * @param device the run's; the caller closes it
     */
    public ProbeTraining(ProbeSettings settings, DeviceExecutor device) {
        this.settings = settings;
        this.device = device;
    }

    /**
     * Runs to the end, or until patience is out.
     *
     * @param train what heads learn from
     * @param heldOut what they are chosen by
     * @param listener told after every epoch
     * @throws IOException if features cannot be read
     */
    public Best run(List<Sample> train, List<Sample> heldOut, Consumer<Epoch> listener) throws IOException {
        if (train.isEmpty() || heldOut.isEmpty()) {
            throw new IllegalArgumentException("probe: want videos to train on and to hold out, got %d and %d"
                    .formatted(train.size(), heldOut.size()));
        }
        List<ProbeSettings.Arm> arms = settings.arms();
        Map<String, HostTensor> first = ProbeWeights.draw(settings.probe(), settings.seed());
        ProbeStep step = device.call(scope -> new ProbeStep(
                device.root().newSubManager(),
                settings.probe(),
                settings.rule(train),
                Collections.nCopies(arms.size(), first)));
        try {
            return new Run(step, train, heldOut, arms).toTheEnd(listener);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    private final class Run {
        private final ProbeStep step;
        private final List<Sample> train;
        private final List<Sample> heldOut;
        private final List<ProbeSettings.Arm> arms;
        private final List<ProbeSettings.Told> told = new ArrayList<>();
        private final FeatureBatch trainBatch;
        private final FeatureBatch heldOutBatch;
        private final int epochSteps;
        private final SplittableRandom random = new SplittableRandom(settings.seed());
        private long done;

        Run(ProbeStep step, List<Sample> train, List<Sample> heldOut, List<ProbeSettings.Arm> arms) throws IOException {
            this.step = step;
            this.train = train;
            this.heldOut = heldOut;
            this.arms = arms;
            this.trainBatch = new FeatureBatch(train.get(0));
            this.heldOutBatch = new FeatureBatch(heldOut.get(0));
            this.epochSteps = (train.size() + settings.batch() - 1) / settings.batch();
            long steps = (long) epochSteps * settings.epochs();
            arms.forEach(arm -> told.add(settings.told(arm, steps)));
        }

        Best toTheEnd(Consumer<Epoch> listener) {
            Optional<Best> best = Optional.empty();
            for (int number = 1; number <= settings.epochs(); number++) {
                long started = System.nanoTime();
                double[] losses = epoch();
                double rate = epochSteps * 1e9 / (System.nanoTime() - started);
                List<Standing> standings = standings(losses);
                best = better(best, standings, number);
                listener.accept(new Epoch(number, standings, rate));
                if (settings.patience() > 0 && number - best.orElseThrow().epoch() >= settings.patience()) {
                    break;
                }
            }
            return best.orElseThrow();
        }

        private Optional<Best> better(Optional<Best> best, List<Standing> standings, int number) {
            Optional<Best> now = best;
            for (int i = 0; i < standings.size(); i++) {
                Standing standing = standings.get(i);
                int head = i;
                if (now.isEmpty() || standing.betterThan(now.get().standing())) {
                    Map<String, HostTensor> state = device.call(scope -> step.state(head));
                    now = Optional.of(new Best(state, arms.get(i), number, standing));
                }
            }
            return now;
        }

        /** One pass in a new order: the mean loss of each head. */
        private double[] epoch() {
            List<Sample> order = new ArrayList<>(train);
            for (int i = order.size() - 1; i > 0; i--) {
                Collections.swap(order, i, random.nextInt(i + 1));
            }
            double[] losses = new double[arms.size()];
            for (int from = 0; from < order.size(); from += settings.batch()) {
                List<Sample> rows = order.subList(from, Math.min(order.size(), from + settings.batch()));
                long number = ++done;
                List<ProbeStep.Hyper> hypers =
                        told.stream().map(t -> t.at(number)).toList();
                device.call(scope -> {
                    List<ProbeStep.Outcome> outcomes =
                            step.step(scope, read(scope, trainBatch, rows), trainBatch.labels(rows), hypers);
                    for (int head = 0; head < losses.length; head++) {
                        losses[head] += outcomes.get(head).loss() * rows.size() / order.size();
                    }
                    return true;
                });
            }
            return losses;
        }

        private List<Standing> standings(double[] trainLosses) {
            double[][] sums = new double[arms.size()][3];
            int batch = Math.max(1, settings.batch() / heldOutBatch.outputs());
            for (int from = 0; from < heldOut.size(); from += batch) {
                List<Sample> rows = heldOut.subList(from, Math.min(heldOut.size(), from + batch));
                device.call(scope -> {
                    NDArray tokens = read(scope, heldOutBatch, rows);
                    for (int head = 0; head < sums.length; head++) {
                        float[][] all =
                                probabilities(step.logits(scope, head, tokens).toFloatArray(), rows.size());
                        for (int i = 0; i < all.length; i++) {
                            int truth = rows.get(i).label();
                            int rank = rank(all[i], truth);
                            sums[head][0] -= Math.log(Math.max(LEAST, all[i][truth]));
                            sums[head][1] += rank == 0 ? 1 : 0;
                            sums[head][2] += rank < FIVE ? 1 : 0;
                        }
                    }
                    return true;
                });
            }
            List<Standing> standings = new ArrayList<>();
            int n = heldOut.size();
            for (int head = 0; head < sums.length; head++) {
                double[] own = sums[head];
                standings.add(new Standing(trainLosses[head], own[0] / n, own[1] / n, own[2] / n));
            }
            return List.copyOf(standings);
        }

        /** Of each video, averaged over its rows. */
        private float[][] probabilities(float[] logits, int videos) {
            int classes = settings.probe().numClasses();
            int outputs = heldOutBatch.outputs();
            float[][] all = new float[videos][];
            for (int i = 0; i < all.length; i++) {
                float[][] own = new float[outputs][];
                for (int o = 0; o < outputs; o++) {
                    int at = (i * outputs + o) * classes;
                    own[o] = Arrays.copyOfRange(logits, at, at + classes);
                }
                all[i] = LabelScores.mean(own);
            }
            return all;
        }
    }

    private static NDArray read(NDManager scope, FeatureBatch batch, List<Sample> rows) {
        try {
            return batch.tokens(scope, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int rank(float[] probabilities, int truth) {
        int rank = 0;
        for (int i = 0; i < probabilities.length; i++) {
            boolean level = probabilities[i] == probabilities[truth];
            rank += probabilities[i] > probabilities[truth] || (level && i < truth) ? 1 : 0;
        }
        return rank;
    }
}
