package io.jepastream.encoder.stream;

import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.fuzz.Fuzz;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Embeddings from whoever may write to the topic. */
final class EmbeddingFuzzTest {
    @Test
    void bytes_areARecordOrRefused() throws Exception {
        Wire<Embedding> wire = Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData());
        Embedding embedding = Embedding.newBuilder()
                .setCamera("door")
                .setStart(1)
                .setEnd(2)
                .setModel("tiny")
                .setModelDigest("0a")
                .setPreprocessing("vjepa-eval/1")
                .setPrecision("fp32")
                .setPooling("mean")
                .setRows(1)
                .setDim(2)
                .setVector(ByteBuffer.allocate(8))
                .setMissing(List.of(3, 4))
                .build();
        Fuzz.of("record Embedding")
                .seed(wire.write(embedding))
                .mayThrow(WireException.class)
                .run(wire::read);
    }
}
