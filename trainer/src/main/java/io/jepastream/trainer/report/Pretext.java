package io.jepastream.trainer.report;

import java.util.Locale;

/** How an encoder comes to its weights: what is predicted, and what is hidden. */
public enum Pretext {
    /** V-JEPA: features, masks of short and long range. */
    FEATURES("", Mask.BLOCKS),
    /** Pixels of each cell at mean 0 and deviation 1, squared error; the same masks. */
    PIXELS("loss: {pixels: true, loss_exp: 2.0}\n", Mask.BLOCKS),
    /** Features; 90 % of the cells of a picture, the same ones at all times. */
    TUBE("", "  - {ratio: 0.9}\n"),
    /** Features; the first 6 of 16 frames alone are seen. */
    CAUSAL_6("", Mask.causal(6)),
    /** Features; the first 12 of 16 frames alone are seen. */
    CAUSAL_12("", Mask.causal(12)),
    /** First weights, as drawn. */
    RANDOM("", Mask.BLOCKS);

    private static final int EPOCHS = 10;
    private static final int CHECKPOINTS = 5;
    private static final int LEAST_BETWEEN = 4;
    /** A target encoder that is the mean of about an eighth of the steps: V-JEPA's 0.998 would not move in a short run. */
    private static final double MEMORY = 8;

    private static final double MOST_MOMENTUM = 0.998; // V-JEPA's

    private final String loss;
    private final String masks;

    Pretext(String loss, String masks) {
        this.loss = loss;
        this.masks = masks;
    }

    /** V-JEPA's masks. */
    private static final class Mask {
        static final String BLOCKS = blocks("");

        private static String blocks(String more) {
            return """
                      - {num_blocks: 8, spatial_scale: [0.15, 0.15]%s}
                      - {num_blocks: 2, spatial_scale: [0.7, 0.7]%s}
                    """.formatted(more, more);
        }

        private static String causal(int frames) {
            return blocks(", max_temporal_keep: " + frames / 16.0);
        }
    }

    /** Name in folders and tables. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether there is anything to train. */
    boolean trained() {
        return this != RANDOM;
    }

    /** Steps that a run of about so many really has: whole epochs. */
    static int steps(int wanted) {
        int epochs = Math.min(EPOCHS, wanted);
        return wanted / epochs * epochs;
    }

    /**
     * The run, as {@code jepa pretrain} reads it.
     *
     * @param videos of the training half, relative to the file
     */
    String yaml(ReportSettings settings, long seed, String videos) {
        ReportScale s = settings.scale();
        int steps = steps(settings.steps());
        int epochs = Math.min(EPOCHS, settings.steps());
        double momentum = Math.min(MOST_MOMENTUM, Math.max(0, 1 - MEMORY / steps));
        return String.format(
                        Locale.ROOT,
                        """
                        recipe: vjepa1
                        seed: %d
                        model: {embed_dim: %d, depth: %d, num_heads: %d, img_size: %d, patch_size: %d, num_frames: %d, tubelet_size: %d}
                        predictor: {embed_dim: %d, depth: %d, num_heads: %d}
                        data: {videos: [%s], batch_size: %d, frame_step: 1, threads: 1}
                        augment: {scale: [0.3, 1.0], aspect: [0.75, 1.35], flip: false}
                        optimization: {ipe: %d, epochs: %d, warmup: 1, lr: 1.0e-3, final_lr: 1.0e-5, ema: [%.5f, 1.0]}
                        run: {precision: %s, checkpoint_every: %d, keep: 1, collapse_every: %d}
                        """,
                        seed,
                        s.embedDim(),
                        s.depth(),
                        s.heads(),
                        s.side(),
                        ReportScale.PATCH,
                        ReportScale.FRAMES,
                        ReportScale.TUBELET,
                        s.embedDim() / 2,
                        s.depth() / 2,
                        s.heads(),
                        videos,
                        s.batch(),
                        steps / epochs,
                        epochs,
                        momentum,
                        settings.precision(),
                        Math.max(LEAST_BETWEEN, steps / CHECKPOINTS),
                        Math.max(1, steps / (2 * EPOCHS)))
                + loss
                + "mask:\n"
                + masks;
    }
}
