package io.jepastream.trainer;

import io.jepastream.encoder.JepaModel;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.LibavSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.synth.CameraMotion;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeHead;
import io.jepastream.trainer.eval.ConfusionMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How a motion model fares on real footage of standing cameras, moved artificially: a window pans, zooms, rolls or
 * trembles over the recorded pictures. For judging only, never for training.
 */
final class FootageCheck {
    private static final int SHORT_SIDE = 256;
    private static final int WIDTH = 171;
    private static final int HEIGHT = 128;
    private static final double SPAN = 128; // window width in source pixels

    private FootageCheck() {}

    /** Arguments: a bundle, then videos. Prints one table. */
    public static void main(String[] args) throws IOException, SourceException, PictureException {
        ModelBundle bundle = ModelBundle.read(Path.of(args[0]));
        List<ProbeHead> heads = Heads.open(bundle, List.of(TrainMotionModel.HEAD_NAME));
        ConfusionMatrix confusion = new ConfusionMatrix(MotionClips.labels());
        try (JepaModel model = JepaModel.open(bundle, ModelOptions.defaults().withDevice("cpu"), heads)) {
            for (String video : Arrays.asList(args).subList(1, args.length)) {
                long number = 0;
                for (List<Picture> clip : clips(video)) {
                    SplittableRandom random = new SplittableRandom(number++);
                    for (int label = 0; label < MotionClips.MOTIONS.size(); label++) {
                        PixelClip moved = moved(bundle, clip, MotionClips.MOTIONS.get(label), random);
                        Map<String, float[]> logits =
                                model.infer(List.of(moved)).get(0).logits();
                        confusion.add(new int[] {label}, logits.getOrDefault(TrainMotionModel.HEAD_NAME, new float[9]));
                    }
                }
            }
        }
        System.out.printf("%.4f right%n%s", confusion.accuracy(), confusion.table());
    }

    /** Every whole three seconds: the first picture in each slot, the one before where a slot is empty. */
    private static List<List<Picture>> clips(String video) throws SourceException, PictureException {
        List<List<Picture>> clips = new ArrayList<>();
        try (FrameSource source = LibavSource.of(SourceUrl.parse(video), SourceOptions.DEFAULTS)) {
            source.open();
            List<Picture> pictures = new ArrayList<>();
            while (source.next()) {
                long slot = source.timeMicros() * MotionClips.SLOTS / 3_000_000;
                long have = (long) clips.size() * MotionClips.SLOTS + pictures.size();
                if (slot < have) {
                    continue;
                }
                Picture picture = source.picture(SHORT_SIDE);
                for (; have <= slot; have++) {
                    pictures.add(picture);
                    if (pictures.size() == MotionClips.SLOTS) {
                        clips.add(List.copyOf(pictures));
                        pictures.clear();
                    }
                }
            }
        }
        return clips;
    }

    private static PixelClip moved(
            ModelBundle bundle, List<Picture> clip, CameraMotion motion, SplittableRandom random) {
        double speed = 0.08 + 0.22 * random.nextDouble();
        double sign = random.nextBoolean() ? 1 : -1;
        double rate = 3 + 5 * random.nextDouble();
        List<byte[]> pictures = new ArrayList<>();
        for (int slot = 0; slot < clip.size(); slot++) {
            double way = speed * (slot - clip.size() / 2.0) * 3 / clip.size();
            double wave = 0.03 * Math.sin(2 * Math.PI * rate * slot * 3 / clip.size());
            double[] view = switch (motion) { // right, down in window widths; zoom; angle
                case STATIC -> new double[] {0, 0, 1, 0};
                case PAN_LEFT -> new double[] {-way, 0, 1, 0};
                case PAN_RIGHT -> new double[] {way, 0, 1, 0};
                case TILT_UP -> new double[] {0, -way, 1, 0};
                case TILT_DOWN -> new double[] {0, way, 1, 0};
                case ZOOM_IN -> new double[] {0, 0, Math.exp(-way), 0};
                case ZOOM_OUT -> new double[] {0, 0, Math.exp(way), 0};
                case ROLL -> new double[] {0, 0, 1, 2 * sign * way};
                case SHAKE -> new double[] {wave, sign * 0.03 * Math.cos(17.0 * slot), 1, 0};
            };
            byte[] seen = window(clip.get(slot), view);
            pictures.add(bundle.transform().view(seen, WIDTH, HEIGHT));
        }
        return PixelClip.of(pictures, bundle.transform().crop());
    }

    private static byte[] window(Picture picture, double[] view) {
        byte[] out = new byte[3 * WIDTH * HEIGHT];
        double scale = SPAN * view[2] / WIDTH;
        double cos = Math.cos(view[3]);
        double sin = Math.sin(view[3]);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                double dx = scale * (x - WIDTH / 2.0);
                double dy = scale * (y - HEIGHT / 2.0);
                double sx = picture.width() / 2.0 + SPAN * view[0] + cos * dx - sin * dy;
                double sy = picture.height() / 2.0 + SPAN * view[1] + sin * dx + cos * dy;
                sample(picture, sx, sy, out, y * WIDTH + x);
            }
        }
        return out;
    }

    private static void sample(Picture picture, double x, double y, byte[] out, int at) {
        int w = picture.width();
        int h = picture.height();
        int left = (int) Math.max(0, Math.min(w - 2, Math.floor(x)));
        int top = (int) Math.max(0, Math.min(h - 2, Math.floor(y)));
        double fx = Math.max(0, Math.min(1, x - left));
        double fy = Math.max(0, Math.min(1, y - top));
        byte[] from = picture.planes();
        for (int c = 0; c < 3; c++) {
            int i = (c * h + top) * w + left;
            double upper = (from[i] & 0xFF) * (1 - fx) + (from[i + 1] & 0xFF) * fx;
            double lower = (from[i + w] & 0xFF) * (1 - fx) + (from[i + w + 1] & 0xFF) * fx;
            out[c * WIDTH * HEIGHT + at] = (byte) Math.round(upper * (1 - fy) + lower * fy);
        }
    }
}
