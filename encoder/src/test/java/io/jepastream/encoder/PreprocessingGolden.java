package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.util.List;

/** The preprocessing case: resized bytes and normalised views of one or several crops. */
final class PreprocessingGolden {
    private static final double ONE_LEVEL = 0.0181;

    private PreprocessingGolden() {}

    static void check(GoldenCase golden) throws IOException {
        Safetensors file = golden.tensors();
        for (JsonNode entry : golden.config().path("entries")) {
            String name = entry.path("name").asText();
            EvalTransform transform = new EvalTransform(entry.path("crop_size").asInt());
            HostTensor video = file.read(name + "/in_video_u8");
            int height = (int) video.shape()[1];
            int width = (int) video.shape()[2];
            int views = entry.path("num_views").asInt();
            resized(
                    name,
                    file,
                    planar(video, 0),
                    width,
                    height,
                    entry.path("resized_short_side").asInt());
            for (int view = 0; view < views; view++) {
                HostTensor wanted = file.read("%s/out_view%d".formatted(name, view));
                int frames = (int) wanted.shape()[1];
                float[] got = new float[wanted.size()];
                for (int t = 0; t < frames; t++) {
                    byte[] rgb = planar(video, t);
                    byte[] crop = views == 1
                            ? transform.view(rgb, width, height)
                            : transform.views(rgb, width, height, views).get(view);
                    normalise(crop, got, t, frames);
                }
                Closeness.requireClose(name + " view " + view, got, wanted.floats(), ONE_LEVEL, 0);
            }
        }
    }

    private static void resized(String name, Safetensors file, byte[] rgb, int width, int height, int shortSide)
            throws IOException {
        HostTensor wanted = file.read(name + "/resized_frame0_u8");
        EvalTransform.Scaled scaled = EvalTransform.Scaled.of(rgb, width, height, shortSide);
        assertThat(List.of((long) scaled.height(), (long) scaled.width()))
                .containsExactly(wanted.shape()[0], wanted.shape()[1]);
        byte[] got = scaled.window(0, 0, scaled.width(), scaled.height());
        byte[] reference = planar(HostTensor.of(bytes(wanted), 1, scaled.height(), scaled.width(), 3), 0);
        int off = 0;
        for (int i = 0; i < got.length; i++) {
            int difference = Math.abs((got[i] & 0xFF) - (reference[i] & 0xFF));
            assertThat(difference).as("%s byte %d", name, i).isLessThanOrEqualTo(1);
            off += difference;
        }
        System.out.printf("golden %s: %d of %d resized bytes one level off%n", name, off, got.length);
        assertThat(off / (double) got.length).isLessThan(0.2);
    }

    private static void normalise(byte[] crop, float[] out, int frame, int frames) {
        int plane = crop.length / 3;
        for (int i = 0; i < crop.length; i++) {
            int c = i / plane;
            float value = ((crop[i] & 0xFF) / 255f - Normalisation.mean(c)) / Normalisation.std(c);
            out[(c * frames + frame) * plane + i % plane] = value;
        }
    }

    /** One frame of {@code [T, H, W, 3]} as {@code [3, H, W]}. */
    private static byte[] planar(HostTensor video, int frame) {
        int plane = (int) (video.shape()[1] * video.shape()[2]);
        byte[] out = new byte[3 * plane];
        for (int i = 0; i < 3 * plane; i++) {
            out[i % 3 * plane + i / 3] = video.bytes().get(frame * 3 * plane + i);
        }
        return out;
    }

    private static byte[] bytes(HostTensor tensor) {
        byte[] out = new byte[tensor.size()];
        tensor.bytes().get(out);
        return out;
    }
}
