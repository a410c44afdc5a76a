package io.jepastream.app;

import io.jepastream.ingest.fuzz.Fuzz;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.probeheads.wire.ActionLabels;
import io.jepastream.probeheads.wire.Label;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Records as lines of JSON: any bytes make a line. */
final class RecordJsonFuzzTest {
    @Test
    void anyRecord_isALine() throws Exception {
        Wire<ActionLabels> wire = Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData());
        RecordJson json = new RecordJson(true);
        Fuzz.of("record as JSON")
                .seed(wire.write(ActionLabels.newBuilder()
                        .setCamera("door")
                        .setStart(1)
                        .setEnd(2)
                        .setHead("head")
                        .setHeadDigest("0a")
                        .setModelDigest("0b")
                        .setLabels(List.of(new Label("open", 0.7f), new Label("shut", 0.3f)))
                        .build()))
                .words("\u0000", "\n", "\ud83c\udfa5", "\"")
                .mayThrow(IllegalArgumentException.class) // what the line says of an unreadable one
                .mayAllocate(1 << 20, 256)
                .run(input -> {
                    String line = json.line(
                            Topics.ACTION_LABELS, new ConsumerRecord<>(Topics.ACTION_LABELS, 0, 0, input, input));
                    if (line.indexOf('\n') >= 0) {
                        throw new AssertionError("a line with a line feed in it: " + line);
                    }
                    if (line.contains("unreadable")) {
                        throw new IllegalArgumentException(line);
                    }
                });
    }
}
