package io.jepastream.app.selftest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Which fault comes next, and when: a function of the seed. Every kind comes once before any comes again. */
final class Schedule {
    private final List<FaultKind> kinds;
    private final Random random;
    private final Duration longestPause;
    private final List<FaultKind> round = new ArrayList<>();
    private int number;

    /**
     * A fault to come.
     *
     * @param number from 1
     * @param pause after the one before has been set right; too short for the pipeline to have recovered, at times
     * @param target which process, broker or camera: any number, taken modulo theirs
     * @param length how long it lasts
     * @param variant for faults that come in two kinds
     */
    record Planned(int number, FaultKind kind, Duration pause, int target, Duration length, boolean variant) {}

    /**
     * Faults of these kinds.
     *
     * @param longestPause between two of them; the shortest is an eighth of it
     */
    Schedule(List<FaultKind> kinds, Duration longestPause, long seed) {
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("faults: want one kind or more, got none");
        }
        this.kinds = List.copyOf(kinds);
        this.longestPause = longestPause;
        this.random = new Random(seed);
    }

    Planned next() {
        if (round.isEmpty()) {
            round.addAll(kinds);
            Collections.shuffle(round, random);
        }
        FaultKind kind = round.remove(round.size() - 1);
        return new Planned(
                ++number,
                kind,
                Duration.ofMillis(random.nextLong(longestPause.toMillis() / 8, longestPause.toMillis())),
                random.nextInt(1 << 20),
                length(kind),
                random.nextBoolean());
    }

    private Duration length(FaultKind kind) {
        return switch (kind) {
            case KILL_WORKER, STOP_WORKER, CORRUPT_STATE, EXHAUST_MEMORY -> seconds(0, 6);
            case KILL_BROKER, KILL_CONTROLLER -> seconds(1, 12);
            case FREEZE_WORKER, FREEZE_BROKER -> seconds(12, 20); // a worker's session is 10 s, a broker's 9 s
            case CUT_NETWORK, BLOCK_NETWORK, DELAY_NETWORK -> seconds(2, 16);
            case SCALE, FULL_DISK -> seconds(5, 15);
            case JUMP_CLOCK, RESTART_CAMERA, DISORDER, POISON, FAIL_ONCE, FAIL_ALWAYS, STALL_MODEL -> seconds(0, 2);
        };
    }

    private Duration seconds(int least, int most) {
        return Duration.ofMillis(random.nextInt(1000 * least, 1000 * most));
    }
}
