package io.jepastream.app.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Frames that were worked on, and what they took.
 *
 * @param frames that came out
 * @param seconds by the clock on the wall
 * @param cpuSeconds of all cores together
 */
record Work(long frames, double seconds, double cpuSeconds) {
    static final double NANOS = 1e9;

    /** What is done by others on the machine counts little here: the figure that two programs are compared by. */
    double perCpuSecond() {
        return frames / cpuSeconds;
    }

    /** Something to measure. */
    @FunctionalInterface
    interface Job {
        /** Works, and says how many frames came out. */
        long run() throws Exception;
    }

    /**
     * Does a job; the time of the whole process counts, garbage collection too, but not the virtual machine's compilers, where the
     * system tells: in the first minutes they take as much as all the rest, and then nothing for as long as a service runs.
     */
    static Work measure(Job job) throws Exception {
        long compilers = CompilerThreads.cpuNanos();
        long cpu = processCpuNanos();
        long wall = System.nanoTime();
        long frames = job.run();
        double seconds = (System.nanoTime() - wall) / NANOS;
        long all = processCpuNanos() - cpu;
        long compiling = Math.max(0, CompilerThreads.cpuNanos() - compilers);
        return new Work(frames, seconds, Math.max(1, all - compiling) / NANOS);
    }

    private static long processCpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** Time on a core that this thread has had, nanoseconds. */
    static long threadCpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
