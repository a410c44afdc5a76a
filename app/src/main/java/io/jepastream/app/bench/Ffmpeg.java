package io.jepastream.app.bench;

import io.jepastream.ingest.media.PictureEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code ffmpeg} program of this machine, doing what ingest does, in one thread. */
final class Ffmpeg {
    private static final Pattern VERSION = Pattern.compile("ffmpeg version (\\S+)");
    private static final Pattern FRAMES = Pattern.compile("(?m)^frame=(\\d+)$");
    private static final Pattern CPU = Pattern.compile("bench: utime=([0-9.]+)s stime=([0-9.]+)s");
    // As our scaler: bilinear, exact rounding, full chroma.
    private static final String FLAGS = "bilinear+accurate_rnd+full_chroma_int";

    private final String version;

    private Ffmpeg(String version) {
        this.version = version;
    }

    /** The one on the PATH, if there is one. */
    static Optional<Ffmpeg> find() throws InterruptedException {
        try {
            return first(VERSION, run(List.of("ffmpeg", "-version"))).map(Ffmpeg::new);
        } catch (IOException e) {
            return Optional.empty(); // none, or none that works
        }
    }

    String version() {
        return version;
    }

    /**
     * Decodes, samples, scales and encodes; straight from the video's colours to the JPEG's, with no RGB between. The start of the
     * process is part of its time, as opening the file is of ours.
     */
    Work work(IngestJob job) throws IOException, InterruptedException {
        long start = System.nanoTime();
        String said = run(command(job));
        double seconds = (System.nanoTime() - start) / Work.NANOS;
        Matcher cpu = CPU.matcher(said);
        Matcher frames = FRAMES.matcher(said);
        long count = 0;
        while (frames.find()) {
            count = Long.parseLong(frames.group(1));
        }
        if (!cpu.find() || count == 0) {
            throw new IOException("ffmpeg: want frames and its processor time, got: " + tail(said));
        }
        return new Work(count, seconds, Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2)));
    }

    static List<String> command(IngestJob job) {
        String scale = job.shortSide() == 0
                ? "scale=flags=" + FLAGS
                : "scale='if(lte(iw,ih),%1$d,-2)':'if(lte(iw,ih),-2,%1$d)':flags=%2$s"
                        .formatted(job.shortSide(), FLAGS);
        String graph = "fps=%s,%s:out_range=full,format=yuvj420p".formatted(job.rate(), scale);
        String quantiser = Integer.toString(PictureEncoder.scale(job.quality()));
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-hide_banner", "-nostats"));
        command.addAll(List.of("-benchmark", "-progress", "pipe:1", "-filter_threads", "1", "-threads", "1"));
        command.addAll(List.of("-stream_loop", Integer.toString(job.passes() - 1)));
        command.addAll(List.of("-i", "file:" + job.file(), "-an", "-sn", "-dn", "-vf", graph));
        command.addAll(List.of("-threads", "1", "-c:v", "mjpeg", "-q:v", quantiser, "-qmin", "1", "-f", "null", "-"));
        return command;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(
                    "%s: want exit code 0, got %d: %s".formatted(command.get(0), process.exitValue(), tail(said)));
        }
        return said;
    }

    private static String tail(String said) {
        return said.substring(Math.max(0, said.length() - 500)).strip();
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
