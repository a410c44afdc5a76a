package io.jepastream.app.selftest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.encoder.stream.ClipEncoder;
import io.jepastream.encoder.stream.ClipException;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.EncodedClip;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipSink;
import io.jepastream.ingest.clip.OfflineClips;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.probeheads.Labeller;
import io.jepastream.probeheads.wire.ActionLabels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** What the pipeline must write for a log of frames, computed from that log alone, without Kafka Streams. */
final class GroundTruth implements ClipSink, AutoCloseable {
    private static final int TRIES = 2; // as BatchedRunner

    private final Wire<Frame> frames = Wire.frames();
    private final Wire<Clip> clips = Wire.clips();
    private final Wire<ClipGap> gaps = Wire.gaps();
    private final Wire<Embedding> embeddings = Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData());
    private final Wire<ActionLabels> labels =
            Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData());
    private final Map<String, List<Entry>> expected = new HashMap<>();
    /** Letters of clips that no model takes, by camera and start. */
    private final Map<String, ArrayDeque<Entry>> refused = new TreeMap<>();

    private final OfflineClips assembler;
    private final ClipModel model;
    private final List<Labeller> labellers;
    private final ClipEncoder encoder;
    private @Nullable ConsumerRecord<byte[], byte[]> cause;

    /** A truth about nothing so far. */
    GroundTruth(ClipConfig config, Brain brain) {
        assembler = new OfflineClips(config, this);
        model = FaultyModel.withoutOrders(brain.model());
        labellers = brain.labellers();
        encoder = new ClipEncoder(model, this::infer);
    }

    /**
     * Takes the next frame of the log, in the order of its partition.
     *
     * @throws IllegalStateException if it is no frame: poison must be told by {@link #poison}
     */
    void frame(ConsumerRecord<byte[], byte[]> record) {
        cause = record;
        try {
            assembler.accept(frames.read(record.value()));
        } catch (WireException e) {
            throw new IllegalStateException(
                    "%s holds what this campaign did not write: %s".formatted(Names.place(record), e.getMessage()), e);
        }
    }

    /** Takes a record that must become one dead letter. */
    void poison(ConsumerRecord<byte[], byte[]> record) {
        boolean clip = record.topic().equals(Topics.CLIPS);
        add(
                Topics.DEAD_LETTERS,
                new Entry(
                        (clip ? "encode/" : "assemble/") + Names.camera(record.key()),
                        Names.place(record),
                        Digest.of(record.key(), record.value()),
                        ""));
    }

    /** Takes a clip of the log, in the order of its partition: if no model takes it, its dead letter comes in that order. */
    void committed(ConsumerRecord<byte[], byte[]> clip) {
        String name = name(Names.camera(clip.key()), Names.header(clip, Topics.HEADER_CLIP_START));
        ArrayDeque<Entry> letters = refused.getOrDefault(name, new ArrayDeque<>());
        // A camera whose clock went back has another clip of this name, which a model may take.
        String digest = Digest.of(clip.key(), clip.value());
        letters.stream()
                .filter(letter -> letter.digest().equals(digest))
                .findFirst()
                .ifPresent(letter -> {
                    letters.remove(letter);
                    add(Topics.DEAD_LETTERS, letter);
                });
    }

    /** Takes the end of the clips: letters of those that are not in the log are missed as these are. */
    void noMoreClips() {
        refused.values().forEach(letters -> letters.forEach(letter -> add(Topics.DEAD_LETTERS, letter)));
        refused.clear();
    }

    private static String name(String camera, String start) {
        return camera + "/" + start;
    }

    /** What a topic must hold, in the order of each camera. */
    List<Entry> of(String topic) {
        return expected.getOrDefault(topic, List.of());
    }

    @Override
    public void gap(ClipGap gap) {
        expect(Topics.CLIP_GAPS, gaps.write(gap), gap.getStart(), false);
    }

    @Override
    public void clip(Clip clip) {
        byte[] value = clips.write(clip);
        expect(Topics.CLIPS, value, clip.getStart(), false);
        EncodedClip encoded;
        try {
            encoded = encoder.encode(clip);
        } catch (WireException | PictureException | ClipException e) {
            byte[] key = cause().key();
            String start = Long.toString(clip.getStart());
            String camera = Names.camera(key);
            refused.computeIfAbsent(name(camera, start), name -> new ArrayDeque<>())
                    .add(new Entry("encode/" + camera, start, Digest.of(key, value), ""));
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while computing the truth", e);
        }
        expect(Topics.EMBEDDINGS, embeddings.write(encoded.embedding()), clip.getStart(), true);
        for (Labeller labeller : labellers) {
            expect(Topics.ACTION_LABELS, labels.write(labeller.label(encoded)), clip.getStart(), true);
        }
    }

    private io.jepastream.encoder.ClipResult infer(io.jepastream.encoder.PixelClip clip) throws ClipException {
        try {
            return model.infer(List.of(clip)).get(0);
        } catch (IllegalArgumentException e) {
            throw new ClipException("the model failed %d times: %s".formatted(TRIES, e), e);
        }
    }

    private void expect(String topic, byte[] value, long start, boolean fromModel) {
        ConsumerRecord<byte[], byte[]> record = cause();
        RecordHeaders headers = new RecordHeaders();
        headers.add(Topics.HEADER_CLIP_START, Long.toString(start).getBytes(UTF_8));
        if (fromModel) {
            headers.add(Topics.HEADER_MODEL, model.identity().name().getBytes(UTF_8));
        }
        String digest = Digest.of(record.key(), value, record.timestamp(), headers);
        add(topic, new Entry(Names.camera(record.key()), Long.toString(start), digest, ""));
    }

    private ConsumerRecord<byte[], byte[]> cause() {
        if (cause == null) {
            throw new IllegalStateException("a window without a frame that closed it");
        }
        return cause;
    }

    private void add(String topic, Entry entry) {
        expected.computeIfAbsent(topic, name -> new ArrayList<>()).add(entry);
    }

    @Override
    public void close() {
        encoder.close();
    }
}
