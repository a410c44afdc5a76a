package io.jepastream.app.pipeline;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.ingest.media.Picture;
import java.util.List;
import java.util.Map;

/** A model whose embedding is the clip's mean brightness, and which one shade of gray breaks. */
final class FakeModel implements ClipModel {
    static final byte POISON = 66;

    @Override
    public ModelIdentity identity() {
        return new ModelIdentity("fake", "d0", "none/1", "fp32", "mean");
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
        return clips.stream().map(FakeModel::look).toList();
    }

    private static ClipResult look(PixelClip clip) {
        byte[] pixels = clip.toBytes();
        if (pixels[0] == POISON) {
            throw new IllegalArgumentException("poison");
        }
        double sum = 0;
        for (byte pixel : pixels) {
            sum += pixel & 0xFF;
        }
        float mean = (float) (sum / pixels.length);
        return new ClipResult(new float[] {mean, 1}, 1, 2, Map.of("head", new float[] {100 - mean, mean - 100}));
    }
}
