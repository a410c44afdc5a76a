package io.jepastream.app.selftest;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;

/** Small programs of the system: {@code kill} for signals that Java does not know, {@code prlimit} for limits. */
final class Tool {
    private Tool() {}

    /** Runs one to its end. */
    static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.DISCARD)
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("%s: exit code %d".formatted(String.join(" ", command), code));
        }
    }
}
