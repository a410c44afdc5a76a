package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "run",
                "ingest",
                "assemble",
                "encode",
                "extract",
                "forward",
                "model info",
                "model import",
                "model add-head",
                "model export",
                "dataset synth",
                "dataset export",
                "pretrain",
                "probe train",
                "probe evaluate",
                "finetune",
                "evaluate",
                "topics create",
                "topics describe",
                "tail",
                "selftest",
                "bench encoder",
                "bench train",
                "bench ingest",
                "bench stream",
                "plan"
            })
    void helpOfEveryCommand_fitsAScreen_andShowsAnExample(String command) {
        Cli.Result help = Cli.run((command + " --help").split(" "));

        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Example:  jepa " + command.split(" ")[0]);
        assertThat(help.out().lines().count()).isLessThanOrEqualTo(50);
        assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                              | want a command",
                "fly                                           | fly",
                "run                                           | want --camera ID=URL or --video FILE",
                "run --video nothing/here.mp4                  | nothing/here.mp4",
                "run --camera a=rstp://host/x                  | rstp",
                "run --camera a/b=rtsp://host/x                | a/b",
                "run --camera a=rtsp://h/x --max-missing 16    | max-missing: want 0 to 15, got 16",
                "run --camera a=rtsp://h/x --clip-length 3x    | want a duration such as 500ms",
                "run --camera a=rtsp://h/x --fps 0             | got",
                "run --camera a=rtsp://h/x --model no/model    | no/model",
                "probe train --head x --data y                 | --model",
                "probe train --model m --head x --data y       | --model: want a folder",
                "finetune --model m --data d --out o --head x  | --model: want a folder",
                "evaluate --report r --only speed              | only: want some of",
                "evaluate --report r --seeds 1,1               | seeds: want each once",
                "topics create                                 | want --bootstrap-servers",
                "dataset synth --out /dev/null --task jumps    | want camera-motion or object-motion, got 'jumps'",
                "dataset synth --out x --surface shiny         | want varied or grain, got 'shiny'",
                "evaluate --report r --task jumps              | want camera-motion or object-motion, got 'jumps'",
                "dataset synth --out x --size 12               | want a size such as 128x96, got '12'",
                "dataset synth --out x --fps 9..8              | fps: want 1 to 60, the lower first, got 9 to 8",
                "dataset export --out x                        | want --bootstrap-servers",
                "dataset export --out x --from-offset 5        | want PARTITION:OFFSET such as 0:1500, got '5'",
                "dataset export --out x --to-offset 1:2,1:3    | --to-offset: want each partition once, got 1 again",
                "tail nowhere --bootstrap-servers x:1          | topic: want one of",
                "selftest --cameras 0                          | --cameras: want 1 to 64, got 0",
                "bench ingest --file nothing/here.mp4          | --file: want a video, got nothing at nothing/here.mp4",
                "bench ingest --seconds 0                      | --seconds: want 1 to 600, got 0",
                "bench stream --only speed                     | --only: want some of",
                "bench stream --cameras 0                      | --cameras: want 1 to 1000, got 0",
                "selftest --faults-of fire                     | fault: want one of kill-worker",
            })
    void whatCannotBe_isSaidByName_withExitCode2(String arguments, String message) {
        Cli.Result result =
                Cli.run(arguments == null ? new String[0] : arguments.trim().split(" "));

        assertThat(result.err()).contains(message.trim());
        assertThat(result.code()).isEqualTo(2);
    }

    @Test
    void configFile_givesWhatTheCommandLineDoesNotSay() throws IOException {
        Path file = directory.resolve("jepa.yaml");
        Files.writeString(file, """
                fps: 5
                quality: 80
                partitions: 7
                run:
                  fps: 6
                  realtime: true
                  video: [a.mp4, b.mp4]
                  camera: {door: "rtsp://h/x?a=b,c", yard: synth:tour}
                """);
        ConfigFile config = ConfigFile.read(file);

        assertThat(config.complete(Jepa.commandLine(), List.of("run", "--quality", "70")))
                .startsWith("run")
                .endsWith("--quality", "70")
                .contains("--fps=6", "--realtime=true", "--video=a.mp4", "--video=b.mp4")
                .contains("--camera=door=rtsp://h/x?a=b,c", "--camera=yard=synth:tour")
                .doesNotContain("--quality=80", "--partitions=7");
        assertThat(config.complete(Jepa.commandLine(), List.of("topics", "create")))
                .containsExactly("topics", "create", "--partitions=7");
        assertThat(config.complete(Jepa.commandLine(), List.of("ingest", "--fps=9")))
                .doesNotContain("--fps=5");
    }

    @Test
    void durations_areReadAsPeopleWriteThem() {
        Durations durations = new Durations();
        assertThat(durations.convert("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(durations.convert("2m")).isEqualTo(Duration.ofMinutes(2));
        assertThat(durations.convert("7d")).isEqualTo(Duration.ofDays(7));
    }

    @Test
    void filesAreNamedAfterThemselves_foldersAreTheirVideos() throws IOException {
        Files.createFile(directory.resolve("b c.mp4"));
        Files.createFile(directory.resolve("a.MKV"));
        Files.createFile(directory.resolve("notes.txt"));

        List<Path> files = CameraOptions.files(List.of(directory));

        assertThat(files).extracting(CameraOptions::idOf).containsExactly("a", "b-c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --camra door=rtsp://admin:hunter2@camera/1",
                "run rtsp://admin:hunter2@camera/1",
                "run --video rtsp://admin:hunter2@camera/1",
                "run --camera door=rstp://admin:hunter2@camera/1",
                "run --camera admin:hunter2@camera/1",
                "run --fps rtsp://admin:hunter2@camera/1",
                "tail --kafka-config http://admin:hunter2@camera/1 frames"
            })
    void whatWasMistyped_isNotPrintedWithItsPassword(String arguments) {
        Cli.Result result = Cli.run(arguments.split(" "));

        assertThat(result.code()).isNotZero();
        assertThat(result.err()).isNotBlank().doesNotContain("hunter2");
        assertThat(result.out()).doesNotContain("hunter2");
    }
}
