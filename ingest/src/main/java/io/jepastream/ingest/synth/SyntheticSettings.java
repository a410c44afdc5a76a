package io.jepastream.ingest.synth;

import io.jepastream.ingest.media.PictureHeader;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a generated camera shows, from a text such as {@code motion=pan-left,seed=1,fps=15,size=340x256} or
 * {@code tour,seed=7,duration=30}.
 *
 * @param motion the one motion; empty for a tour through all
 * @param seed of the worlds and of the order of a tour; default 0
 * @param fps whole frames per second, 1 to 120; default 15
 * @param width pixels; default 340
 * @param height pixels; default 256
 * @param seconds length; empty for a live camera that never ends
 */
public record SyntheticSettings(
        Optional<CameraMotion> motion, long seed, int fps, int width, int height, Optional<Double> seconds) {
    private static final String WANTED = "tour or motion=NAME, then seed=N, fps=N, size=WxH, duration=SECONDS";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

    /** Checks. */
    public SyntheticSettings {
        require(fps >= 1 && fps <= 120, "fps from 1 to 120", Integer.toString(fps));
        boolean sane = Math.min(width, height) >= PictureHeader.MIN_SIDE && Math.max(width, height) <= 2048;
        require(sane, "sides from " + PictureHeader.MIN_SIDE + " to 2048 pixels", width + "x" + height);
        boolean finite = seconds.isEmpty() || (seconds.get() > 0 && seconds.get() <= 1e7);
        require(finite, "a positive duration in seconds", seconds.toString());
    }

    /**
     * Understands the text after {@code synth:}.
     *
     * @throws IllegalArgumentException saying which settings there are
     */
    public static SyntheticSettings parse(String text) {
        SyntheticSettings settings = new SyntheticSettings(Optional.empty(), 0, 15, 340, 256, Optional.empty());
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                settings = settings.with(part.strip());
            }
        }
        return settings;
    }

    private SyntheticSettings with(String part) {
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals);
        String value = equals < 0 ? "" : part.substring(equals + 1);
        try {
            return switch (name) {
                case "tour" -> new SyntheticSettings(Optional.empty(), seed, fps, width, height, seconds);
                case "motion" ->
                    new SyntheticSettings(Optional.of(CameraMotion.parse(value)), seed, fps, width, height, seconds);
                case "seed" -> new SyntheticSettings(motion, Long.parseLong(value), fps, width, height, seconds);
                case "fps" -> new SyntheticSettings(motion, seed, Integer.parseInt(value), width, height, seconds);
                case "size" -> sized(value);
                case "duration" ->
                    new SyntheticSettings(motion, seed, fps, width, height, Optional.of(Double.parseDouble(value)));
                default -> throw refused(WANTED, part);
            };
        } catch (NumberFormatException e) {
            IllegalArgumentException failure = refused("a number after " + name, part);
            failure.initCause(e);
            throw failure;
        }
    }

    private SyntheticSettings sized(String value) {
        Matcher size = SIZE.matcher(value);
        require(size.matches(), "size=WxH in pixels", value);
        return new SyntheticSettings(
                motion, seed, fps, Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)), seconds);
    }

    private static void require(boolean good, String wanted, String got) {
        if (!good) {
            throw refused(wanted, got);
        }
    }

    private static IllegalArgumentException refused(String wanted, String got) {
        return new IllegalArgumentException("generated camera: want %s, got '%s'".formatted(wanted, got));
    }
}
