package io.jepastream.app.selftest;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process that the harness started, can freeze, end or kill, and starts again. */
final class Member {
    private static final Duration LONGEST_STOP = Duration.ofSeconds(60);

    private final String name;
    private final List<String> command;
    private final Path log;
    private volatile @Nullable Process process;
    private volatile boolean wanted;

    /**
     * Describes a process; {@link #start} makes it.
     *
     * @param name for people
     * @param options for its JVM
     * @param main its main class and arguments
     * @param log takes what it prints, start after start
     */
    Member(String name, List<String> options, List<String> main, Path log) {
        this.name = name;
        this.log = log;
        command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(main);
    }

    String name() {
        return name;
    }

    /** Starts the process, and wants it to run from now on. */
    synchronized void start() throws IOException {
        if (isAlive()) {
            return;
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        process = builder.start();
        wanted = true;
    }

    /** {@code kill -9}; returns when it is dead. */
    synchronized void kill() throws InterruptedException {
        wanted = false;
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.waitFor();
        }
    }

    /** As {@link #kill}, frozen or not, without waiting. */
    void end() {
        wanted = false;
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /**
     * {@code SIGTERM}, as an orchestrator stops a process; returns when it has ended.
     *
     * @return whether it ended in order and in time; else it was killed
     */
    synchronized boolean stop() throws InterruptedException {
        wanted = false;
        Process running = process;
        if (running == null) {
            return true;
        }
        running.destroy();
        if (running.waitFor(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
            return true;
        }
        kill();
        return false;
    }

    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    /** Process id, 0 where it does not run. */
    long pid() {
        Process running = process;
        return running != null && running.isAlive() ? running.pid() : 0;
    }

    boolean isAlive() {
        return pid() != 0;
    }

    /** Whether it ended though nobody asked for that. */
    boolean isMissing() {
        return wanted && !isAlive();
    }

    /** How it ended. */
    int exitCode() {
        Process ended = process;
        return ended == null || ended.isAlive() ? -1 : ended.exitValue();
    }

    private void signal(String signal) throws IOException, InterruptedException {
        long pid = pid();
        if (pid == 0) {
            return;
        }
        try {
            Tool.run(List.of("kill", signal, Long.toString(pid)));
        } catch (IOException e) {
            if (pid() == pid) { // else it ended meanwhile
                throw e;
            }
        }
    }
}
