package io.jepastream.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.camera.FrameRate;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FfmpegTest {
    private static final Path FILE = Path.of("a.mp4");

    @Test
    void theCommand_asksForWhatIngestDoes_inOneThread() {
        List<String> command = Ffmpeg.command(new IngestJob(FILE, FrameRate.DEFAULT, 256, 95, 3));

        assertThat(command).containsSubsequence("-threads", "1", "-stream_loop", "2", "-i", "file:a.mp4");
        assertThat(command).containsSubsequence("-threads", "1", "-c:v", "mjpeg", "-q:v", "1");
        assertThat(command.get(command.indexOf("-vf") + 1))
                .startsWith("fps=32/3,scale=")
                .contains("256", "bilinear+accurate_rnd+full_chroma_int")
                .endsWith("format=yuvj420p");
    }

    @Test
    void anotherQuality_isAnotherQuantiser_andSideZeroKeepsTheSize() {
        List<String> command = Ffmpeg.command(new IngestJob(FILE, new FrameRate(5, 1), 0, 50, 1));

        assertThat(command).containsSubsequence("-q:v", "8");
        assertThat(command.get(command.indexOf("-vf") + 1)).startsWith("fps=5,scale=flags=");
    }

    @Test
    void noPass_isRefused() {
        assertThatThrownBy(() -> new IngestJob(FILE, FrameRate.DEFAULT, 256, 95, 0))
                .hasMessage("--passes: want 1 or more, got 0");
    }
}
