package io.jepastream.trainer.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import io.jepastream.trainer.data.VideoFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ProtocolTest {
    private static final EvalTransform TRANSFORM = new EvalTransform(32);
    private static final VideoFile VIDEO = new VideoFile(Path.of("lavfi:testsrc2=duration=3:size=96x64:rate=25"));

    @Test
    void views_areCropsAlongTheLongerSide_ofEverySegment() throws IOException {
        Protocol protocol = new Protocol(3, 2, 8, 4, true, 0);
        List<List<PixelClip>> clips = protocol.clips(VIDEO, TRANSFORM, 0);
        assertThat(clips)
                .hasSize(3)
                .allSatisfy(segments -> assertThat(segments)
                        .hasSize(2)
                        .allSatisfy(clip -> assertThat(clip.frames()).isEqualTo(8)));
        TreeMap<Integer, Picture> all = new TreeMap<>();
        TreeSet<Integer> every = new TreeSet<>(IntStream.range(0, 75).boxed().toList());
        VIDEO.read(every, all::put);
        // Two parts of 37 frames for clips that span 32: the first starts at 0 to 4.
        List<byte[]> firsts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            firsts.add(TRANSFORM
                    .views(all.get(i).planes(), all.get(i).width(), all.get(i).height(), 3)
                    .get(2));
        }
        byte[] got = clips.get(2).get(0).toBytes();
        assertThat(firsts).anySatisfy(view -> assertThat(firstPlane(got)).isEqualTo(firstPlane(view)));
        assertThat(clips.get(0).get(0).toBytes()).isNotEqualTo(got);
    }

    private static byte[] firstPlane(byte[] pixels) {
        return Arrays.copyOf(pixels, 32 * 32);
    }

    @Test
    void sameSeedAndPlace_giveTheSameClips_otherSeedsOthers() throws IOException {
        byte[] clip = only(new Protocol(1, 1, 8, 2, true, 1), 5);
        assertThat(only(new Protocol(1, 1, 8, 2, true, 1), 5)).isEqualTo(clip);
        assertThat(only(new Protocol(1, 1, 8, 2, true, 1), 6)).isNotEqualTo(clip);
        assertThat(only(new Protocol(1, 1, 8, 2, true, 2), 5)).isNotEqualTo(clip);
    }

    private static byte[] only(Protocol protocol, long number) throws IOException {
        return protocol.clips(VIDEO, TRANSFORM, number).get(0).get(0).toBytes();
    }

    @Test
    void videoWithoutPictures_isNamed() {
        VideoFile none = new VideoFile(Path.of("nowhere.mp4"));
        assertThatThrownBy(() -> new Protocol(1, 1, 8, 2, true, 1).clips(none, TRANSFORM, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("video nowhere.mp4");
        assertThatThrownBy(() -> new Protocol(0, 1, 8, 2, true, 1)).hasMessage("views: want 1 to 64, got 0");
        assertThat(new Protocol(3, 8, 16, 4, true, 0)).hasToString("16x8x3");
    }
}
