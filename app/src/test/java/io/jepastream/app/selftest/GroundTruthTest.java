package io.jepastream.app.selftest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipSink;
import io.jepastream.ingest.clip.OfflineClips;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.probeheads.Labeller;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class GroundTruthTest {
    private static final Brain BRAIN =
            new Brain(new FirstPixel(), List.of(new Labeller("head", "d1", List.of("dark", "bright"), 2)));

    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();

    @Test
    void everyClip_hasAnEmbeddingAndALabel_andACursedOneADeadLetter() {
        Footage camera = new Footage("cam", 7, 1_000_000_000_000L, null);
        for (int i = 0; i < 400; i++) {
            if (i == 100) {
                camera.curse(1);
            }
            camera.next().forEach(this::append);
        }
        camera.end().forEach(this::append);

        try (GroundTruth truth = new GroundTruth(ClipConfig.defaults(), BRAIN)) {
            log.forEach(truth::frame);
            truth.noMoreClips();

            int clips = truth.of(Topics.CLIPS).size();
            assertThat(clips).isGreaterThan(10);
            assertThat(truth.of(Topics.DEAD_LETTERS)).hasSize(1);
            assertThat(truth.of(Topics.EMBEDDINGS)).hasSize(clips - 1);
            assertThat(truth.of(Topics.ACTION_LABELS)).hasSize(clips - 1);
        }
    }

    @Test
    void deadLettersOfClips_comeInTheOrderOfTheirTopic_poisonAmongThem() throws WireException {
        Footage camera = new Footage("cam", 7, 1_000_000_000_000L, null);
        for (int i = 0; i < 400; i++) {
            if (i == 100 || i == 250) {
                camera.curse(1);
            }
            camera.next().forEach(this::append);
        }
        try (GroundTruth truth = new GroundTruth(ClipConfig.defaults(), BRAIN)) {
            log.forEach(truth::frame);
            assertThat(truth.of(Topics.DEAD_LETTERS)).isEmpty();
            List<Clip> all = clipsOf(log);
            List<String> starts =
                    all.stream().map(clip -> Long.toString(clip.getStart())).toList();

            // Other clips of the same names came before, as where a clock goes back: they are no dead letters.
            for (int i = 0; i < all.size(); i++) {
                truth.committed(clip(i, starts.get(i), new byte[1]));
            }
            for (int i = 0; i < all.size(); i++) {
                if (i == all.size() / 2) {
                    truth.poison(clip(i, "", new byte[1]));
                }
                // Each comes after another clip of the same name, as where a clock went back: that one is no dead
                // letter.
                truth.committed(clip(i, starts.get(i), new byte[1]));
                truth.committed(clip(i, starts.get(i), Wire.clips().write(all.get(i))));
            }
            assertThat(truth.of(Topics.DEAD_LETTERS))
                    .as("before the end of the log")
                    .hasSize(3);
            truth.noMoreClips();

            assertThat(truth.of(Topics.DEAD_LETTERS))
                    .extracting(Entry::name)
                    .hasSize(3)
                    .satisfies(names -> assertThat(starts).containsSubsequence(names.get(0), names.get(2)))
                    .element(1)
                    .isEqualTo("clips-0 at " + starts.size() / 2);
        }
    }

    /** What the assembler makes of the frames. */
    private static List<Clip> clipsOf(List<ConsumerRecord<byte[], byte[]>> frames) throws WireException {
        List<Clip> all = new ArrayList<>();
        OfflineClips offline = new OfflineClips(ClipConfig.defaults(), new ClipSink() {
            @Override
            public void clip(Clip clip) {
                all.add(clip);
            }

            @Override
            public void gap(ClipGap gap) {}
        });
        for (ConsumerRecord<byte[], byte[]> frame : frames) {
            offline.accept(Wire.frames().read(frame.value()));
        }
        return all;
    }

    private static ConsumerRecord<byte[], byte[]> clip(long offset, String start, byte[] value) {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>(Topics.CLIPS, 0, offset, "cam".getBytes(UTF_8), value);
        record.headers().add(Topics.HEADER_CLIP_START, start.getBytes(UTF_8));
        return record;
    }

    @Test
    void aFrameMoreOrLess_changesTheTruth() {
        Footage camera = new Footage("cam", 7, 1_000_000_000_000L, null);
        for (int i = 0; i < 100; i++) {
            camera.next().forEach(this::append);
        }
        List<Entry> all = clips(log);
        List<ConsumerRecord<byte[], byte[]>> less = new ArrayList<>(log);
        less.subList(40, 44).clear();

        assertThat(clips(log)).isEqualTo(all);
        assertThat(Comparison.of(Topics.CLIPS, all, clips(less)))
                .isNotEmpty()
                .allMatch(each -> each.what() == Difference.What.ALTERED);
    }

    @Test
    void recordThatNobodyWrote_isNoGround() {
        try (GroundTruth truth = new GroundTruth(ClipConfig.defaults(), BRAIN)) {
            assertThatThrownBy(() -> truth.frame(record("cam", "noise".getBytes(UTF_8))))
                    .hasMessageContaining("frames-0 at 0")
                    .hasMessageContaining("did not write");
        }
    }

    private static List<Entry> clips(List<ConsumerRecord<byte[], byte[]>> frames) {
        try (GroundTruth truth = new GroundTruth(ClipConfig.defaults(), BRAIN)) {
            frames.forEach(truth::frame);
            return truth.of(Topics.CLIPS);
        }
    }

    private void append(Frame frame) {
        log.add(record("cam", Wire.frames().write(frame)));
    }

    private ConsumerRecord<byte[], byte[]> record(String camera, byte[] value) {
        return new ConsumerRecord<>(
                Topics.FRAMES,
                0,
                log.size(),
                1_000,
                TimestampType.CREATE_TIME,
                camera.length(),
                value.length,
                camera.getBytes(UTF_8),
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    /** A model that says what the first pixel is. */
    private static final class FirstPixel implements ClipModel {
        @Override
        public ModelIdentity identity() {
            return new ModelIdentity("first-pixel", "d0", "none/1", "fp32", "mean");
        }

        @Override
        public boolean takes(int frames) {
            return frames == 16;
        }

        @Override
        public PixelClip prepare(List<Picture> pictures) {
            return PixelClip.of(pictures.stream().map(Picture::planes).toList(), 16);
        }

        @Override
        public List<ClipResult> infer(List<PixelClip> clips) {
            return clips.stream()
                    .map(clip -> new ClipResult(
                            new float[] {clip.toBytes()[0]}, 1, 1, Map.of("head", new float[] {clip.toBytes()[0], 0})))
                    .toList();
        }
    }
}
