package io.jepastream.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as something to wait for: whoever waits ends its work in order, and the process is kept alive for that.
 * Close it after everything else.
 */
final class StopSignal implements AutoCloseable {
    private static final Duration LONGEST_END = Duration.ofSeconds(20);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Listens from now on. */
    StopSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop-signal"));
    }

    /** Whether the process was asked to stop. */
    boolean isAsked() {
        return asked.getCount() == 0;
    }

    /**
     * Waits until the process is asked to stop.
     *
     * @return whether it was, within this time
     */
    boolean await(Duration time) throws InterruptedException {
        return asked.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Lets the process end. */
    @Override
    public void close() {
        ended.countDown();
    }

    private void stop() {
        asked.countDown();
        try {
            if (!ended.await(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("jepa: did not end in order within " + LONGEST_END.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
