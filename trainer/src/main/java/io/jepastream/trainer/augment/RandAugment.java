package io.jepastream.trainer.augment;

import io.jepastream.ingest.media.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RandAugment (arXiv:1909.13719) as timm's {@code rand-m7-n4-mstd0.5-inc1} has it, which V-JEPA's probes and VideoMAE's
 * fine-tuning take: some operations drawn with replacement, each done every other time, at a magnitude drawn round a
 * given one and with a random sign. One draw holds for all pictures of a clip.
 *
 * @param magnitude 0 to 10
 * @param operations how many are drawn; 0 for none
 * @param deviation of the magnitude
 */
public record RandAugment(double magnitude, int operations, double deviation) {
    /** Leaves pictures as they are. */
    public static final RandAugment NONE = new RandAugment(0, 0, 0);

    private static final double USUAL_DEVIATION = 0.5;
    private static final int MOST_OPERATIONS = 20;
    private static final Operation[] ALL = Operation.values();
    private static final Pattern FORM =
            Pattern.compile("(?:rand-)?m(\\d+(?:\\.\\d+)?)-n(\\d{1,3})(?:-mstd(\\d+(?:\\.\\d+)?))?(?:-inc1)?");

    /**
     * One operation that is done.
     *
     * @param argument see {@link Operation#argument}
     */
    record Drawn(Operation operation, double argument) {}

    public RandAugment {
        if (!(magnitude >= 0 && magnitude <= Operation.MOST)
                || operations < 0
                || operations > MOST_OPERATIONS
                || !(deviation >= 0 && deviation <= Operation.MOST)) {
            throw new IllegalArgumentException(
                    "rand-augment: want a magnitude of 0 to 10, 0 to %d operations and a deviation of 0 to 10, got %s, %d and %s"
                            .formatted(MOST_OPERATIONS, magnitude, operations, deviation));
        }
    }

    /**
     * Reads {@code none}, or timm's notation such as {@code m7-n4}, {@code m7-n4-mstd0.5} or
     * {@code rand-m7-n4-mstd0.5-inc1}; the deviation is 0.5 where none is said.
     */
    public static RandAugment named(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "rand-augment: want none, or magnitude and number such as m7-n4, got '%s'".formatted(text));
        }
        String deviation = matcher.group(3);
        return new RandAugment(
                Double.parseDouble(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                deviation == null ? USUAL_DEVIATION : Double.parseDouble(deviation));
    }

    /** The same operations, in the same way, for all pictures of a clip; a picture that comes again stays one. */
    public List<Picture> apply(List<Picture> frames, RandomGenerator random) {
        List<Drawn> drawn = draw(random);
        if (drawn.isEmpty()) {
            return frames;
        }
        List<Picture> changed = new ArrayList<>();
        for (int t = 0; t < frames.size(); t++) {
            boolean again = t > 0 && frames.get(t) == frames.get(t - 1);
            changed.add(again ? changed.get(t - 1) : apply(frames.get(t), drawn));
        }
        return changed;
    }

    private static Picture apply(Picture picture, List<Drawn> drawn) {
        Picture changed = picture;
        for (Drawn one : drawn) {
            changed = one.operation().apply(changed, one.argument());
        }
        return changed;
    }

    /** What is done, in this order. */
    List<Drawn> draw(RandomGenerator random) {
        List<Drawn> drawn = new ArrayList<>();
        for (int i = 0; i < operations; i++) {
            Operation operation = ALL[random.nextInt(ALL.length)];
            boolean done = random.nextBoolean();
            double about = magnitude + deviation * random.nextGaussian();
            int sign = random.nextBoolean() ? 1 : -1;
            if (done) {
                double within = Math.max(0, Math.min(Operation.MOST, about));
                drawn.add(new Drawn(operation, operation.argument(within, sign)));
            }
        }
        return drawn;
    }
}
