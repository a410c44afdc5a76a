package io.jepastream.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.stream.ClipEncoder;
import io.jepastream.encoder.stream.ClipException;
import io.jepastream.encoder.stream.EncodedClip;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipSink;
import io.jepastream.ingest.clip.OfflineClips;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.probeheads.Labeller;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames in; a line of JSON for each clip, gap and clip that failed out, and the clips' vectors. */
final class ExtractWriter implements AutoCloseable {
    private final RecordJson json = new RecordJson(false);
    private final ClipEncoder encoder;
    private final List<Labeller> labellers;
    private final OfflineClips assembler;
    private final BufferedWriter lines;
    private final NpyWriter vectors;
    private final Path npy;
    private final Path out;
    private volatile @Nullable Throwable failure;
    private long clips;
    private long gaps;
    private long failed;

    ExtractWriter(Path out, ClipEncoder encoder, List<Labeller> labellers, ClipConfig config) throws IOException {
        this.out = out;
        this.encoder = encoder;
        this.labellers = labellers;
        String name = out.getFileName().toString();
        int dot = name.lastIndexOf('.');
        this.npy = out.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ".npy");
        this.assembler = new OfflineClips(config, new ClipSink() {
            @Override
            public void clip(Clip clip) {
                write(clip);
            }

            @Override
            public void gap(ClipGap gap) {
                write(gap);
            }
        });
        this.lines = Files.newBufferedWriter(out, StandardCharsets.UTF_8);
        this.vectors = new NpyWriter(npy);
    }

    /** Takes the next frame; what goes wrong is kept for {@link #throwIfFailed}. */
    void accept(Frame frame) throws InterruptedException {
        if (failure != null) {
            throw new InterruptedException("extract has failed");
        }
        try {
            assembler.accept(frame);
        } catch (WireException
                | RuntimeException
                | Error e) { // this is the camera's thread: the command's must learn of it
            failure = e;
            throw (InterruptedException) new InterruptedException("extract has failed").initCause(e);
        }
    }

    void throwIfFailed() throws IOException {
        Throwable failed = failure;
        if (failed != null) {
            throw new IOException("extract failed: " + failed.getMessage(), failed);
        }
    }

    String summary() {
        return "%d clips, %d gaps%s: %s, %s"
                .formatted(clips, gaps, failed == 0 ? "" : ", %d clips failed".formatted(failed), out, npy);
    }

    private void write(Clip clip) {
        try {
            EncodedClip encoded = encoder.encode(clip);
            ObjectNode line = json.record(encoded.embedding());
            line.remove("vector_bytes");
            line.put(
                    "vector",
                    vectors.add(
                            encoded.result().vector(),
                            encoded.result().rows(),
                            encoded.result().dim()));
            ObjectNode heads = line.putObject("labels");
            for (Labeller labeller : labellers) {
                ObjectNode labels = json.record(labeller.label(encoded));
                heads.set(labels.get("head").asText(), labels.get("labels"));
            }
            line(line);
            clips++;
        } catch (PictureException | WireException | ClipException e) {
            ObjectNode line = json.object();
            line.put("camera", clip.getCamera());
            line.put("failed", e.getMessage());
            line(line);
            failed++;
        } catch (IOException e) {
            throw new UncheckedIOException("writing %s failed".formatted(npy), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void write(ClipGap gap) {
        gaps += gap.getWindows();
        ObjectNode line = json.object();
        line.set("gap", json.record(gap));
        line(line);
    }

    private void line(ObjectNode line) {
        try {
            lines.write(json.text(line));
            lines.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException("writing %s failed".formatted(out), e);
        }
    }

    @Override
    public void close() throws IOException {
        try (lines;
                vectors) {
            lines.flush();
        }
    }
}
