package io.jepastream.trainer.schedule;

/**
 * A value over the steps of a run, which count from 1. The formulas are those of the reference; its schedules are laid
 * out for {@code ipe_scale} times the steps that are run and so never reach their end.
 */
@FunctionalInterface
public interface Schedule {
    /** The value that step {@code step} uses, from 1. */
    double at(long step);

    /** The same value at every step. */
    static Schedule constant(double value) {
        return step -> value;
    }

    /**
     * Linear warm-up, then half a cosine: the learning rate of V-JEPA 1, and with {@code end == peak} the constant one of
     * V-JEPA 2.
     *
     * @param warmup steps below which it warms up
     * @param total steps after which it would reach the end
     */
    static Schedule warmupCosine(double start, double peak, double end, long warmup, long total) {
        require(warmup, total);
        return step -> {
            if (step < warmup) {
                return start + (double) step / Math.max(1, warmup) * (peak - start);
            }
            double progress = (double) (step - warmup) / Math.max(1, total - warmup);
            return Math.max(end, end + (peak - end) * 0.5 * (1 + Math.cos(Math.PI * progress)));
        };
    }

    /** A straight line from {@code start} at step 0 to {@code end} at {@code total}: the cool-down of V-JEPA 2. */
    static Schedule linear(double start, double end, long total) {
        require(0, total);
        return step -> start + (double) step / Math.max(1, total) * (end - start);
    }

    /** Warm-up, a plateau, and a straight line down over the last {@code anneal} steps. */
    static Schedule warmupStableDecay(double start, double peak, double end, long warmup, long anneal, long total) {
        require(warmup + anneal, total);
        return step -> {
            if (step < warmup) {
                return start + (double) step / Math.max(1, warmup) * (peak - start);
            }
            long falling = step - (total - anneal);
            return falling < 0 ? peak : peak + (double) falling / Math.max(1, anneal) * (end - peak);
        };
    }

    /** Half a cosine from {@code start} to {@code end}, which it does not pass: weight decay. The paper says linear. */
    static Schedule cosine(double start, double end, long total) {
        require(0, total);
        return step -> {
            double value = end + (start - end) * 0.5 * (1 + Math.cos(Math.PI * step / total));
            return end <= start ? Math.max(end, value) : Math.min(end, value);
        };
    }

    /**
     * A straight line whose first step has the start itself: the momentum of the target encoder.
     *
     * @param total steps, which need not be whole
     */
    static Schedule momentum(double start, double end, double total) {
        require(0, (long) Math.ceil(total));
        return step -> start + (step - 1) * (end - start) / total;
    }

    /**
     * 0, then a straight line, then {@code end}: the weight of V-JEPA 2.1's context loss. Counts iterations from 0, as the
     * reference does here alone.
     *
     * @param from iteration up to which it is 0
     * @param to iteration from which it is {@code end}
     */
    static Schedule ramp(double end, long from, long to) {
        require(from, to - from);
        return step -> end * Math.min(1, Math.max(0, (step - 1 - from) / (double) (to - from)));
    }

    private static void require(long part, long total) {
        if (part < 0 || total < 1) {
            throw new IllegalArgumentException(
                    "schedule: want some steps and no negative part of them, got %d of %d".formatted(part, total));
        }
    }
}
