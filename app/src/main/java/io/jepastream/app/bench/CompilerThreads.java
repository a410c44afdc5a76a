package io.jepastream.app.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What the virtual machine's own compilers take, as Linux tells it; 0 on other systems. */
final class CompilerThreads {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final Pattern NAME = Pattern.compile("C[12] Compiler.*");
    private static final int USER = 11; // of the fields after the thread's name: proc(5), utime
    private static final int SYSTEM = 12;
    private static final long NANOS_OF_A_TICK = 10_000_000; // USER_HZ is 100 on every Linux that Java runs on

    private CompilerThreads() {}

    /** Time on all cores that they have had, nanoseconds. */
    static long cpuNanos() {
        if (!Files.isDirectory(TASKS)) {
            return 0;
        }
        long ticks = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                ticks += ticks(task);
            }
        } catch (IOException e) {
            return 0; // a system that hides it: all of the process counts
        }
        return ticks * NANOS_OF_A_TICK;
    }

    private static long ticks(Path task) {
        try {
            return ticks(Files.readString(task.resolve("stat")));
        } catch (IOException e) {
            return 0; // the thread has ended meanwhile
        }
    }

    /** Ticks of a thread's {@code stat} line if it is a compiler, else 0. */
    static long ticks(String stat) {
        int end = stat.lastIndexOf(')');
        if (!NAME.matcher(stat.substring(stat.indexOf('(') + 1, end)).matches()) {
            return 0;
        }
        String[] fields = stat.substring(end + 2).split(" ");
        return Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
    }
}
