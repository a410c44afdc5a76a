package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VideoSetTest {
    @TempDir
    private Path directory;

    private Path file(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    @Test
    void foldersInAFolder_areItsClasses() throws IOException {
        Path wave = file("set/wave/b.mp4");
        Path clap = file("set/clap/a.MKV");
        file("set/clap/notes.txt");
        Path loose = file("set/loose.avi");
        assertThat(VideoSet.of(directory.resolve("set")).videos())
                .containsExactly(
                        new VideoSet.Video(clap, Optional.of("clap")),
                        new VideoSet.Video(loose, Optional.empty()),
                        new VideoSet.Video(wave, Optional.of("wave")));
    }

    @Test
    void list_givesPathAndLabel_relativeToItself() throws IOException {
        Path first = file("v/one two.mp4");
        Path second = file("v/three.mp4");
        Path list = Files.writeString(
                directory.resolve("v/list.txt"), "# a comment\none two.mp4 17\n\nthree.mp4 wave\none two.mp4\n");
        assertThat(VideoSet.list(list).videos())
                .containsExactly(
                        new VideoSet.Video(first, Optional.of("17")),
                        new VideoSet.Video(second, Optional.of("wave")),
                        new VideoSet.Video(first, Optional.empty()));
    }

    @Test
    void whatIsNotThere_isNamed() throws IOException {
        Path list = Files.writeString(directory.resolve("list.txt"), "gone.mp4 1\n");
        assertThatThrownBy(() -> VideoSet.list(list)).hasMessageContaining("line 1: want a video that is there");
        assertThatThrownBy(() -> VideoSet.of(directory.resolve("nowhere"))).hasMessageContaining("got nothing at");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThatThrownBy(() -> VideoSet.of(empty)).hasMessageContaining("got none in");
    }
}
