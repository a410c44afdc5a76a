package io.jepastream.ingest.camera;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Frames per second as a fraction, so that long timelines stay exact.
 *
 * @param numerator frames, 1 to 1,000,000
 * @param denominator per so many seconds, 1 to 1,000,000; the rate itself is from 0.01 to 240
 */
public record FrameRate(long numerator, long denominator) {
    /** Two frames for each of the 16 slots of a 3-second clip. */
    public static final FrameRate DEFAULT = new FrameRate(32, 3);

    private static final Pattern FRACTION = Pattern.compile("(\\d{1,7})\\s*/\\s*(\\d{1,7})");
    private static final Pattern DECIMAL = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3})?");
    private static final long MICROS = 1_000_000;

    /** Checks. */
    public FrameRate {
        boolean sane = numerator >= 1 && numerator <= MICROS && denominator >= 1 && denominator <= MICROS;
        if (!sane || numerator > 240 * denominator || numerator * 100 < denominator) {
            throw new IllegalArgumentException(
                    "frame rate: want 0.01 to 240 frames per second, got %d/%d".formatted(numerator, denominator));
        }
    }

    /**
     * Understands {@code 32/3}, {@code 10} and {@code 29.97}.
     *
     * @throws IllegalArgumentException when it is none of these or out of range
     */
    public static FrameRate parse(String text) {
        Matcher fraction = FRACTION.matcher(text.strip());
        if (fraction.matches()) {
            return new FrameRate(Long.parseLong(fraction.group(1)), Long.parseLong(fraction.group(2)));
        }
        if (DECIMAL.matcher(text.strip()).matches()) {
            long thousandths = new BigDecimal(text.strip()).movePointRight(3).longValueExact();
            return new FrameRate(thousandths, 1000);
        }
        throw new IllegalArgumentException(
                "frame rate: want a number or a fraction such as 32/3, got '%s'".formatted(text));
    }

    /** Number of the sampling interval, of length 1/rate and counted from the epoch, that holds a time. */
    long interval(long micros) {
        // floor(micros x numerator / (denominator x 1e6)), without overflow for any time this side of the year 10000.
        long scaled = Math.floorDiv(micros, MICROS) * numerator;
        long whole = Math.floorDiv(scaled, denominator);
        long rest = Math.floorMod(scaled, denominator) * MICROS + Math.floorMod(micros, MICROS) * numerator;
        return whole + Math.floorDiv(rest, denominator * MICROS);
    }

    @Override
    public String toString() {
        return denominator == 1 ? Long.toString(numerator) : numerator + "/" + denominator;
    }
}
