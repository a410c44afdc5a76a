package io.jepastream.encoder.golden;

import java.util.Set;

/** Which suite answers for which case; an id that is in no set fails the suite. */
public final class Coverage {
    /** Answered for by the encoder's golden test. */
    public static final Set<String> ENCODER = Set.of(
            "v1_encoder_video",
            "v1_encoder_image_repeated",
            "v1_encoder_image2d",
            "v1_encoder_interp",
            "v1_encoder_masked",
            "v1_sincos_tables",
            "v1_predictor",
            "v1_eval_preprocessing",
            "v2_rope_rotation",
            "v2_encoder_rope",
            "v2_encoder_rope_masked",
            "v2_encoder_variants",
            "v2_predictor_rope");

    /** Answered for by the golden test of the probe heads. */
    public static final Set<String> PROBE_HEADS = Set.of("v1_attentive_classifier", "v2_attentive_classifier");

    /** Answered for by the golden test of the checkpoint import. */
    public static final Set<String> CHECKPOINTS = Set.of(
            "v1_pretrain_checkpoint",
            "v2_pretrain_checkpoint",
            "v2_released_style",
            "v1_legacy_format",
            "v1_half_precision",
            "v1_newer_zip_layout",
            "pickle_value_zoo",
            "bad_files");

    /** Answered for by the golden tests of the trainer. */
    public static final Set<String> TRAINER = Set.of(
            "v1_schedules",
            "v1_mask_statistics",
            "v1_mask_assembly",
            "v2_schedules",
            "v2_mask_statistics",
            "v1_reference_init_statistics");

    /** Answered for by the golden test of V-JEPA 2.1. */
    public static final Set<String> DENSE =
            Set.of("v21_rope_rotation", "v21_encoder", "v21_encoder_variants", "v21_predictor", "v21_checkpoint");

    /** Answered for by the golden test of pretraining. */
    public static final Set<String> PRETRAINING =
            Set.of("v1_train_step", "v1_train_run", "v2_train_run", "v21_loss", "v21_train_run");

    /** Answered for by the golden test of probe training. */
    public static final Set<String> PROBE_TRAINING = Set.of("v1_probe_run", "v2_probe_run");

    private Coverage() {}
}
