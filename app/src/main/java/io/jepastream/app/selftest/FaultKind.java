package io.jepastream.app.selftest;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What can go wrong. */
public enum FaultKind {
    /** A worker is killed and started again. */
    KILL_WORKER("kill -9 of a worker, started again", false),
    /** A worker is stopped in order and started again. */
    STOP_WORKER("a worker stops in order (SIGTERM), started again", false),
    /** One more worker joins for a while. */
    SCALE("one more worker joins, then leaves in order", false),
    /** A worker is frozen for longer than its session. */
    FREEZE_WORKER("SIGSTOP of a worker past its session, then SIGCONT (zombie)", false),
    /** A broker is killed and started again. */
    KILL_BROKER("kill -9 of a broker, started again", true),
    /** The active controller is killed and started again. */
    KILL_CONTROLLER("kill -9 of the active controller, started again", true),
    /** A broker is frozen for longer than its session. */
    FREEZE_BROKER("SIGSTOP of a broker past its session, then SIGCONT", true),
    /** Connections between workers and brokers break and are refused. */
    CUT_NETWORK("connections of workers to one or all brokers break and are refused", true),
    /** Connections between workers and brokers carry nothing. */
    BLOCK_NETWORK("connections of workers to one or all brokers carry nothing (black hole)", true),
    /** Connections between workers and brokers are slow. */
    DELAY_NETWORK("250 ms more on every packet between workers and brokers", true),
    /** A camera's clock goes an hour back or on. */
    JUMP_CLOCK("a camera's clock jumps by an hour, forth or back", false),
    /** A camera starts again. */
    RESTART_CAMERA("a camera starts again after a hole", false),
    /** Frames come doubled, late and out of order. */
    DISORDER("for 10 s of a camera half of its frames are doubled, late or out of order", false),
    /** Records that are none. */
    POISON("poison records on frames and clips: noise, truncated, wrong schema, huge pictures, bombs", false),
    /** The model fails once. */
    FAIL_ONCE("the model fails once", false),
    /** The model fails on a clip, always. */
    FAIL_ALWAYS("the model fails on one clip, or on five in a row, always", false),
    /** A call of the model takes a minute. */
    STALL_MODEL("a call of the model takes 60 s", false),
    /** The model takes more memory than there is. */
    EXHAUST_MEMORY("out of memory in a call of the model", false),
    /** A worker's local stores are overwritten with noise while it is down. */
    CORRUPT_STATE("a worker's state directory is overwritten with noise while it is down", false),
    /** A worker cannot write to its disk. */
    FULL_DISK("a worker cannot write to its disk (file size limit), then stops", false);

    private final String description;
    private final boolean ownBrokers;

    FaultKind(String description, boolean ownBrokers) {
        this.description = description;
        this.ownBrokers = ownBrokers;
    }

    /** The name on the command line. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What happens, in a line. */
    public String description() {
        return description;
    }

    /** Whether it needs brokers that may be broken. */
    public boolean needsOwnBrokers() {
        return ownBrokers;
    }

    /**
     * The kind of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static FaultKind named(String id) {
        return Arrays.stream(values())
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "fault: want one of %s, got %s".formatted(String.join(", ", ids()), id)));
    }

    /** Every name. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(FaultKind::id).toList();
    }
}
