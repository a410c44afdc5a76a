package io.jepastream.trainer.report;

import java.util.Locale;

/** How an encoder comes to its weights: what is predicted, and what is hidden. */
public enum Pretext {
    /** V-JEPA: features, blocks hidden at all times. */
    FEATURES(Loss.FEATURES, Mask.BLOCKS),
    /** Pixels of each cell at mean 0 and deviation 1, squared error; the same masks. */
    PIXELS(Loss.PIXELS, Mask.BLOCKS),
    /** Features; 90 % of the cells of a picture, the same ones at all times. */
    TUBE(Loss.FEATURES, "  - {ratio: 0.9}\n"),
    /** Features; the first 6 of 16 frames alone are seen. */
    CAUSAL_6(Loss.FEATURES, Mask.causal(6)),
    /** Features; the first 12 of 16 frames alone are seen. */
    CAUSAL_12(Loss.FEATURES, Mask.causal(12)),
    /** The weights that all of these start from. */
    RANDOM(Loss.FEATURES, Mask.BLOCKS),
    /** The weights that the reference would start from: smaller matrices, no motion filters. */
    RANDOM_REFERENCE(Loss.FEATURES, Mask.BLOCKS);

    private static final int EPOCHS = 10;
    private static final int CHECKPOINTS = 5;
    private static final int LEAST_BETWEEN = 4;

    private final String loss;
    private final String masks;

    Pretext(String loss, String masks) {
        this.loss = loss;
        this.masks = masks;
    }

    /** What is compared with what. */
    private static final class Loss {
        static final String FEATURES = "loss: {loss_exp: 1.0, whiten: true}\n";
        static final String PIXELS = "loss: {pixels: true, loss_exp: 2.0}\n";
    }

    /** Two blocks of 40 % of a picture each. */
    private static final class Mask {
        static final String BLOCKS = blocks("");

        private static String blocks(String more) {
            return "  - {num_blocks: 2, spatial_scale: [0.4, 0.4]%s}\n".formatted(more);
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
        return this != RANDOM && this != RANDOM_REFERENCE;
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
        return String.format(
                        Locale.ROOT,
                        """
                        recipe: vjepa2
                        seed: %d
                        model: {embed_dim: %d, depth: %d, num_heads: %d, img_size: %d, patch_size: %d, num_frames: %d, tubelet_size: %d}
                        predictor: {embed_dim: %d, depth: %d, num_heads: %d, num_mask_tokens: 2}
                        data: {videos: [%s], batch_size: %d, fps: %d, threads: 1}
                        augment: {scale: [0.4, 1.0], aspect: [0.75, 1.35], flip: false}
                        optimization: {ipe: %d, epochs: %d, ipe_scale: 1.25, warmup: 1, start_lr: 1.0e-5, lr: 8.0e-4, final_lr: 1.0e-6,
                          weight_decay: 0.04, final_weight_decay: 0.04, clip_grad: 10.0, ema: [0.99, 1.0]}
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
                        ReportScale.FPS,
                        steps / epochs,
                        epochs,
                        settings.precision(),
                        Math.max(LEAST_BETWEEN, steps / CHECKPOINTS),
                        Math.max(1, steps / (2 * EPOCHS)))
                + (this == RANDOM_REFERENCE ? "" : "init: {gain: 2.5, motion_filters: true}\n")
                + loss
                + "mask:\n"
                + masks;
    }
}
