package io.jepastream.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.PictureHeader;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FootageTest {
    private static final long T0 = 1_000_000_000_000L;

    @Test
    void footage_isAFunctionOfItsSeed() {
        assertThat(film(new Footage("a", 1, T0, null), 500)).isEqualTo(film(new Footage("a", 1, T0, null), 500));
        assertThat(film(new Footage("a", 1, T0, null), 500)).isNotEqualTo(film(new Footage("a", 2, T0, null), 500));
    }

    @Test
    void footage_hasDoubles_disorderAndLateFrames() {
        List<Frame> film = film(new Footage("a", 1, T0, null), 3000);
        List<Long> times = film.stream().map(Frame::getCapturedAt).toList();
        int back = 0;
        for (int i = 1; i < times.size(); i++) {
            back += times.get(i) < times.get(i - 1) ? 1 : 0;
        }
        assertThat(back).isGreaterThan(50);
        assertThat(film.stream().distinct().count()).isLessThan(film.size() - 20);
    }

    @Test
    void jump_movesTheClockByAnHour_andRestart_beginsANewSession() {
        Footage camera = new Footage("a", 1, T0, null);
        film(camera, 10);
        camera.jump(false);
        assertThat(film(camera, 10)).anyMatch(frame -> frame.getCapturedAt() > T0 + 3_600_000_000L);
        camera.restart();
        assertThat(film(camera, 10)).anyMatch(frame -> frame.getSession() == 2);
    }

    @Test
    void end_isTheLastFrame() {
        Footage camera = new Footage("a", 1, T0, null);
        film(camera, 100);
        List<Frame> end = camera.end();
        assertThat(end.get(end.size() - 1).getEndOfStream()).isTrue();
    }

    @Test
    void jpegCamera_sendsPictures_aFewOfThemDamaged_andCursedClipsAsTheyAre() throws PictureException {
        try (PictureEncoder jpeg = new PictureEncoder(ImageEncoding.JPEG, 95)) {
            Footage camera = new Footage("a", 1, T0, jpeg);
            List<byte[]> pictures = film(camera, 1000).stream()
                    .filter(frame -> frame.getEncoding() == ImageEncoding.JPEG)
                    .map(frame -> Wire.bytes(frame.getData()))
                    .toList();
            long whole = pictures.stream()
                    .filter(bytes -> bytes[bytes.length - 3] != 0 || bytes[bytes.length - 4] != 0)
                    .count();
            assertThat(pictures).hasSizeGreaterThan(900);
            assertThat(pictures.size() - whole).isBetween(1L, 40L);
            for (byte[] bytes : pictures) {
                PictureHeader.check(ImageEncoding.JPEG, bytes, 16, 16); // else it would be a dead letter
            }
            camera.curse(1);
            assertThat(camera.isCursed()).isTrue();
            assertThat(film(camera, 9 * Footage.FPS)).anyMatch(frame -> frame.getEncoding() == ImageEncoding.RGB24);
            assertThat(camera.isCursed()).isFalse();
        }
    }

    private static List<Frame> film(Footage camera, int steps) {
        List<Frame> film = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            film.addAll(camera.next());
        }
        return film;
    }
}
