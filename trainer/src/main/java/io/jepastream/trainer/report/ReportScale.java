package io.jepastream.trainer.report;

import io.jepastream.ingest.synth.Surface;
import io.jepastream.trainer.data.SynthSet;
import java.util.List;

/**
 * How large the models of a report are, and how long heads learn.
 *
 * @param name of it
 * @param embedDim width of the encoder; the predictor has half of it
 * @param depth blocks of the encoder; the predictor has half of them
 * @param heads attention heads of both
 * @param side pixels of a clip's side, a multiple of 16, from 32
 * @param batch clips of a step
 * @param probeEpochs passes of a head over its videos
 * @param probeSteps least steps of a head: with few labels it makes more passes
 * @param tuneEpochs passes of fine-tuning
 */
public record ReportScale(
        String name,
        int embedDim,
        int depth,
        int heads,
        int side,
        int batch,
        int probeEpochs,
        int probeSteps,
        int tuneEpochs) {
    /** For two cores. */
    public static final ReportScale TINY = new ReportScale("tiny", 192, 6, 3, 64, 32, 15, 300, 8);

    /** For many cores and hours, or a GPU: ViT-S on clips of 112 pixels. */
    public static final ReportScale SMALL = new ReportScale("small", 384, 12, 6, 112, 32, 20, 500, 10);

    static final int PATCH = 16;
    static final int FRAMES = 16;
    static final int TUBELET = 2;
    static final int FPS = 8;
    private static final double SECONDS = 3;
    private static final long SCENES = 20;

    public ReportScale {
        if (side < 2 * PATCH || side % PATCH != 0 || embedDim % (2 * heads) != 0 || depth < 2) {
            throw new IllegalArgumentException(
                    "size: want a side of at least 2 patches of %d pixels, a width that halves, a depth"
                                    .formatted(PATCH)
                            + " from 2, got %d, %d, %d".formatted(side, embedDim, depth));
        }
    }

    /**
     * The scale of this name.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public static ReportScale named(String name) {
        for (ReportScale scale : List.of(TINY, SMALL)) {
            if (scale.name().equals(name)) {
                return scale;
            }
        }
        throw new IllegalArgumentException("size: want tiny or small, got '%s'".formatted(name));
    }

    /** Square videos of the clips' size, half as long again as a clip of 16 frames at 8 per second. */
    SynthSet.Settings videos(SynthSet.Task task, Surface surface, int train, int val) {
        return new SynthSet.Settings(task, train, val, side, side, SECONDS, FPS, FPS, SCENES, surface);
    }
}
