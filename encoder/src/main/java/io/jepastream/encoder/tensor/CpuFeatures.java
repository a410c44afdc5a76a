package io.jepastream.encoder.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the processor can do, as Linux tells it; elsewhere nothing is known of it. Arithmetic is chosen by this and never by a
 * measurement: two workers on machines of one kind must choose alike, or their numbers differ.
 */
public final class CpuFeatures {
    private static final Path INFO = Path.of("/proc/cpuinfo");
    private static final Pattern FLAGS = Pattern.compile("(?m)^(?:flags|Features)\\s*:(.*)$");

    private final Set<String> flags;

    private CpuFeatures(Set<String> flags) {
        this.flags = flags;
    }

    /** Of this machine. */
    public static CpuFeatures here() {
        return Here.FEATURES;
    }

    /** From a text in the form of {@code /proc/cpuinfo}. */
    static CpuFeatures of(String info) {
        Matcher line = FLAGS.matcher(info);
        return new CpuFeatures(
                line.find() ? Set.copyOf(List.of(line.group(1).strip().split("\\s+"))) : Set.of());
    }

    /** Whether it multiplies bfloat16 by instructions of its own: of AVX-512, of AMX, or of ARM. */
    public boolean bf16() {
        return flags.contains("avx512_bf16") || amx() || flags.contains("bf16");
    }

    /** Whether it multiplies tiles of bfloat16. */
    public boolean amx() {
        return flags.contains("amx_bf16");
    }

    private static final class Here {
        static final CpuFeatures FEATURES = read();

        private Here() {}

        private static CpuFeatures read() {
            try {
                return of(Files.isReadable(INFO) ? Files.readString(INFO) : "");
            } catch (IOException e) {
                throw new UncheckedIOException("reading %s failed".formatted(INFO), e);
            }
        }
    }
}
