package io.jepastream.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The hardware and the software that every figure depends on. */
public final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final double GIBIBYTE = 1 << 20; // of kilobytes

    private Machine() {}

    /** Name and value of each thing, in the order in which they are shown; what this system does not tell is left out. */
    public static Map<String, String> describe() throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        put(all, "cpu", CPU, "model name\\s*:\\s*(.+)");
        all.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        if (Files.exists(MEMORY)) {
            Matcher total = Pattern.compile("MemTotal:\\s+(\\d+) kB").matcher(Files.readString(MEMORY));
            if (total.find()) {
                all.put("memory", String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(total.group(1)) / GIBIBYTE));
            }
        }
        all.put("system", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        all.put("java", property("java.vm.name") + " " + property("java.vm.version"));
        return all;
    }

    private static void put(Map<String, String> all, String name, Path file, String pattern) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        Matcher found = Pattern.compile(pattern).matcher(Files.readString(file));
        if (found.find()) {
            all.put(name, found.group(1).strip());
        }
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }
}
