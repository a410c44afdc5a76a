package io.jepastream.encoder.checkpoint;

/** Which of a checkpoint's two encoders. */
public enum Weights {
    /** The moving average, which the published numbers are of. */
    TARGET("target_encoder"),
    /** The one under training, which the hub's loader and the Hugging Face files take. */
    ONLINE("encoder");

    private final String key;

    Weights(String key) {
        this.key = key;
    }

    /** Its key at the top of a checkpoint. */
    public String key() {
        return key;
    }
}
