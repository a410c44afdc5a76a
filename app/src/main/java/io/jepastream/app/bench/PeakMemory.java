package io.jepastream.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most memory that this process has had since a moment, as Linux counts it; elsewhere nothing is known. */
final class PeakMemory {
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String FORGET_PEAK = "5"; // proc(5), since Linux 4.0
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final double MEGABYTE_OF_KIB = 1024 / 1e6;

    private final boolean known;

    private PeakMemory(boolean known) {
        this.known = known;
    }

    /** From now on. */
    static PeakMemory begin() {
        System.gc(); // what is not used any more is not the next measurement's
        try {
            Files.writeString(CLEAR, FORGET_PEAK);
            return new PeakMemory(true);
        } catch (IOException e) { // no such file, or not allowed: there is no figure then
            return new PeakMemory(false);
        }
    }

    /** In words, if it is known. */
    Optional<String> peak() throws IOException {
        if (!known) {
            return Optional.empty();
        }
        Matcher line = PEAK.matcher(Files.readString(STATUS));
        return line.find()
                ? Optional.of(String.format(Locale.ROOT, "%.0f MB", Long.parseLong(line.group(1)) * MEGABYTE_OF_KIB))
                : Optional.empty();
    }
}
