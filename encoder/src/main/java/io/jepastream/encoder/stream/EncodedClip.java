package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Clip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A clip and what the model says of it.
 *
 * @param camera of the clip
 * @param start of the clip, epoch microseconds
 * @param end of the clip, epoch microseconds
 * @param missing slots that repeat another's picture
 * @param result what the model says
 * @param model who said it
 */
public record EncodedClip(
        String camera, long start, long end, List<Integer> missing, ClipResult result, ModelIdentity model) {
    static EncodedClip of(Clip clip, List<Integer> missing, ClipResult result, ModelIdentity model) {
        return new EncodedClip(clip.getCamera(), clip.getStart(), clip.getEnd(), missing, result, model);
    }

    /** The record for the {@code embeddings} topic. */
    public Embedding embedding() {
        float[] vector = result.vector();
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Embedding.newBuilder()
                .setCamera(camera)
                .setStart(start)
                .setEnd(end)
                .setModel(model.name())
                .setModelDigest(model.digest())
                .setPreprocessing(model.preprocessing())
                .setPrecision(model.precision())
                .setPooling(model.pooling())
                .setRows(result.rows())
                .setDim(result.dim())
                .setVector(bytes)
                .setMissing(missing)
                .build();
    }
}
