package io.jepastream.app;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the process takes of the machine's memory, as Linux counts it, and how much of it the JVM does not know of: the inference
 * engine, the video codecs, RocksDB, thread stacks and malloc's own room. Elsewhere than on Linux there are no such gauges.
 */
final class ProcessMemory implements MeterBinder {
    private static final Path SELF = Path.of("/proc/self/status");

    private final Path status;

    ProcessMemory() {
        this(SELF);
    }

    /** Reads from a file in the form of {@code /proc/self/status}. */
    ProcessMemory(Path status) {
        this.status = status;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (!Files.exists(status)) {
            return;
        }
        gauge(registry, "resident", "Pages in memory, of files too (VmRSS).", () -> bytes("VmRSS"));
        gauge(registry, "anonymous", "Pages in memory that no file stands behind (RssAnon).", () -> bytes("RssAnon"));
        gauge(
                registry,
                "outside.jvm.least",
                "Lower estimate: RssAnon without the JVM's committed heap and non-heap and its direct buffers. Memory that was committed"
                        + " and not touched yet counts against it; with -Xms as -Xmx and -XX:+AlwaysPreTouch there is little of that.",
                () -> Math.max(0, bytes("RssAnon") - insideJvm(MemoryUsage::getCommitted)));
        gauge(
                registry,
                "outside.jvm.most",
                "Upper estimate: RssAnon without the JVM's used heap and non-heap and its direct buffers; free heap counts for it.",
                () -> Math.max(0, bytes("RssAnon") - insideJvm(MemoryUsage::getUsed)));
    }

    private static void gauge(MeterRegistry registry, String name, String description, LongSupplier value) {
        Gauge.builder("jepastream.process.memory." + name, value, LongSupplier::getAsLong)
                .description(description)
                .baseUnit("bytes")
                .strongReference(true) // nobody else holds the supplier
                .register(registry);
    }

    /** A field of the status file, bytes. */
    long bytes(String field) {
        try {
            Matcher line = Pattern.compile("(?m)^" + field + ":\\s+(\\d+) kB$").matcher(Files.readString(status));
            if (!line.find()) {
                throw new IllegalStateException("%s: want a line '%s: N kB', got none".formatted(status, field));
            }
            return Long.parseLong(line.group(1)) << 10;
        } catch (IOException e) {
            throw new UncheckedIOException("reading %s failed".formatted(status), e);
        }
    }

    private static long insideJvm(ToLongFunction<MemoryUsage> what) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        long buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return what.applyAsLong(memory.getHeapMemoryUsage())
                + what.applyAsLong(memory.getNonHeapMemoryUsage())
                + buffers;
    }
}
