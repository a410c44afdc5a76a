package io.jepastream.encoder.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Arrays;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Takes a clip, waits for the model, and sends on what it says. All work is done before anything is forwarded. */
final class EncodeProcessor extends ContextualProcessor<byte[], byte[], byte[], Object> {
    private final Wire<Clip> clips;
    private final ClipModel model;
    private final ClipEncoder.ClipRunner runner;
    private final Counter encoded;
    private final Counter repeated;
    private final Counter deadLetters;
    private final Timer time;
    private @Nullable KeyValueStore<String, Long> positions;
    /*
     * Holds native memory: made in init and freed in close. Streams makes processors that it never starts, and after a corrupted
     * task it closes a processor and starts the same one again.
     */
    private @Nullable ClipEncoder encoder;

    EncodeProcessor(ClipModel model, ClipEncoder.ClipRunner runner, WriterSchemas others, MeterRegistry metrics) {
        clips = Wire.clips(others);
        this.model = model;
        this.runner = runner;
        encoded = metrics.counter("jepastream.clips.encoded");
        repeated = metrics.counter("jepastream.clips.repeated");
        deadLetters = metrics.counter("jepastream.dead.letters", "stage", EncodeTopology.STAGE);
        time = metrics.timer("jepastream.clip.encode");
    }

    @Override
    public void init(ProcessorContext<byte[], Object> context) {
        super.init(context);
        positions = context.getStateStore(EncodeTopology.POSITIONS);
        encoder = new ClipEncoder(model, runner);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Timer.Sample sample = Timer.start();
        EncodedClip clip;
        try {
            clip = started().encode(read(record));
        } catch (WireException | PictureException | ClipException e) {
            deadLetters.increment();
            Record<byte[], byte[]> letter =
                    DeadLetter.of(record, context().recordMetadata().orElseThrow(), EncodeTopology.STAGE, e);
            context().forward(letter.withValue((Object) letter.value()), EncodeTopology.TO_DEAD_LETTERS);
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StreamsException("interrupted while waiting for the model", e);
        }
        sample.stop(time);
        encoded.increment();
        remember(clip);
        send(record, clip);
    }

    private ClipEncoder started() {
        if (encoder == null) {
            throw new IllegalStateException("process before init");
        }
        return encoder;
    }

    private Clip read(Record<byte[], byte[]> record) throws WireException {
        if (record.value() == null) {
            throw new WireException("Clip: want a record, got an empty value");
        }
        Clip clip = clips.read(record.value());
        if (record.key() == null
                || !Arrays.equals(record.key(), clip.getCamera().getBytes(UTF_8))) {
            throw new WireException("Clip: want the camera '%s' as the record's key, got %s"
                    .formatted(clip.getCamera(), record.key() == null ? "none" : new String(record.key(), UTF_8)));
        }
        return clip;
    }

    private void remember(EncodedClip clip) {
        if (positions == null) {
            throw new IllegalStateException("process before init");
        }
        Long last = positions.get(clip.camera());
        if (last != null && last >= clip.start()) {
            repeated.increment();
        }
        positions.put(clip.camera(), clip.start());
    }

    private void send(Record<byte[], byte[]> record, EncodedClip clip) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(Topics.HEADER_CLIP_START, Long.toString(clip.start()).getBytes(UTF_8));
        headers.add(Topics.HEADER_MODEL, model.identity().name().getBytes(UTF_8));
        context().forward(new Record<>(record.key(), clip, record.timestamp(), headers), EncodeTopology.ENCODED);
    }

    @Override
    public void close() {
        if (encoder != null) {
            encoder.close();
            encoder = null;
        }
    }
}
