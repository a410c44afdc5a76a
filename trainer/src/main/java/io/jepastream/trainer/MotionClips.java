package io.jepastream.trainer;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.synth.CameraMotion;
import io.jepastream.ingest.synth.MotionScene;
import io.jepastream.ingest.wire.ImageEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Generated clips as the stream would see them: a scene filmed at some frame rate, the first frame of each of 16 slots
 * of 187.5 ms, missing slots filled by their nearest neighbour, JPEG, then the serving preprocessing. A clip is a pure
 * function of its number. One per thread.
 */
final class MotionClips implements AutoCloseable {
    /** Labels are indices into this. */
    static final List<CameraMotion> MOTIONS = List.of(CameraMotion.values());

    static final int SLOTS = 16;
    private static final double SLOT_SECONDS = 3.0 / SLOTS;
    private static final double[] FRAME_RATES = {6, 8, 10, 12.5, 15, 25, 30};
    private static final int[][] SIZES = {{171, 128}, {171, 128}, {228, 128}, {128, 128}, {128, 171}};

    private final EvalTransform transform;
    private final PictureDecoder decoder = new PictureDecoder();

    /** A preprocessed clip and the index of its motion. */
    record Labelled(PixelClip clip, int label) {}

    /** Names of the labels, in their order. */
    static List<String> labels() {
        return MOTIONS.stream().map(CameraMotion::label).toList();
    }

    MotionClips(int crop) {
        this.transform = new EvalTransform(crop);
    }

    /** The clip of this number; numbers cycle through the motions, and most cameras stand still: that comes thrice. */
    Labelled clip(long number) {
        int turn = (int) Math.floorMod(number, (long) MOTIONS.size() + 2);
        int label = turn < MOTIONS.size() ? turn : MOTIONS.indexOf(CameraMotion.STATIC);
        SplittableRandom random = new SplittableRandom(number * 0x9E3779B97F4A7C15L + 1);
        MotionScene scene = MotionScene.of(MOTIONS.get(label), random.nextLong());
        int[] size = SIZES[random.nextInt(SIZES.length)];
        boolean large = random.nextInt(8) == 0;
        int width = large ? size[0] * 2 : size[0];
        int height = large ? size[1] * 2 : size[1];
        List<byte[]> pictures = new ArrayList<>();
        int[] source = filled(random);
        double[] times = times(random);
        int quality = 60 + random.nextInt(36);
        boolean jpeg = random.nextInt(3) != 0;
        try (PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, quality)) {
            for (int slot = 0; slot < SLOTS; slot++) {
                if (slot > 0 && times[source[slot]] == times[source[slot - 1]]) {
                    pictures.add(pictures.get(slot - 1));
                    continue;
                }
                Picture picture = scene.render(times[source[slot]], width, height);
                Picture seen = jpeg ? throughJpeg(encoder, picture) : picture;
                pictures.add(transform.view(seen.planes(), seen.width(), seen.height()));
            }
        }
        return new Labelled(PixelClip.of(pictures, transform.crop()), label);
    }

    /** When each slot's first frame was taken; sometimes the scene stands still for up to a quarter of the clip. */
    private static double[] times(SplittableRandom random) {
        double rate = FRAME_RATES[random.nextInt(FRAME_RATES.length)];
        double phase = random.nextDouble() / rate;
        double start = 4 * random.nextDouble();
        double[] times = new double[SLOTS];
        for (int slot = 0; slot < SLOTS; slot++) {
            double frame = Math.ceil((slot * SLOT_SECONDS - phase) * rate);
            times[slot] = start + phase + Math.max(0, frame) / rate;
        }
        if (random.nextInt(8) == 0) {
            int still = 1 + random.nextInt(SLOTS / 4);
            boolean atStart = random.nextBoolean();
            for (int i = 0; i < still; i++) {
                times[atStart ? i : SLOTS - 1 - i] = times[atStart ? still : SLOTS - 1 - still];
            }
        }
        return times;
    }

    /** Which slot each slot takes its picture from: itself, or the nearest one where up to four are missing. */
    private static int[] filled(SplittableRandom random) {
        boolean[] missing = new boolean[SLOTS];
        if (random.nextInt(5) == 0) {
            int gaps = 1 + random.nextInt(4);
            for (int i = 0; i < gaps; i++) {
                missing[random.nextInt(SLOTS)] = true;
            }
        }
        int[] source = new int[SLOTS];
        for (int slot = 0; slot < SLOTS; slot++) {
            source[slot] = nearest(missing, slot);
        }
        return source;
    }

    private static int nearest(boolean[] missing, int slot) {
        for (int away = 0; away < SLOTS; away++) {
            if (slot - away >= 0 && !missing[slot - away]) {
                return slot - away;
            }
            if (slot + away < SLOTS && !missing[slot + away]) {
                return slot + away;
            }
        }
        throw new IllegalStateException("every slot is missing");
    }

    private Picture throughJpeg(PictureEncoder encoder, Picture picture) {
        try {
            return decoder.decode(ImageEncoding.JPEG, encoder.encode(picture), picture.width(), picture.height());
        } catch (PictureException e) {
            throw new IllegalStateException("a picture of our own does not decode", e);
        }
    }

    @Override
    public void close() {
        decoder.close();
    }
}
