package io.jepastream.encoder;

/**
 * How the tokens of a clip become the rows of its embedding.
 *
 * @param kind which rows
 * @param head the head whose query is taken; empty for the other kinds
 */
public record Pooling(Kind kind, String head) {
    private static final String ATTENTIVE = "attentive:";

    /** Which rows an embedding has. */
    public enum Kind {
        /** One row: the mean of all tokens. */
        MEAN,
        /** One row per tubelet time step: the mean of its tokens. */
        TIME,
        /** One row per query of a head: what it pooled. */
        ATTENTIVE,
        /** Every token. */
        TOKENS
    }

    /** The mean of all tokens. */
    public static final Pooling MEAN = new Pooling(Kind.MEAN, "");

    public Pooling {
        EncoderConfig.require(
                (kind == Kind.ATTENTIVE) != head.isEmpty(), "pooling: want a head for attentive only, got '%s'", head);
    }

    /** Reads {@code mean}, {@code time}, {@code tokens} or {@code attentive:HEAD}. */
    public static Pooling parse(String text) {
        if (text.startsWith(ATTENTIVE) && text.length() > ATTENTIVE.length()) {
            return new Pooling(Kind.ATTENTIVE, text.substring(ATTENTIVE.length()));
        }
        return switch (text) {
            case "mean" -> MEAN;
            case "time" -> new Pooling(Kind.TIME, "");
            case "tokens" -> new Pooling(Kind.TOKENS, "");
            default ->
                throw new IllegalArgumentException(
                        "pooling: want mean, time, tokens or attentive:HEAD, got '%s'".formatted(text));
        };
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return switch (kind) {
            case MEAN -> "mean";
            case TIME -> "time";
            case TOKENS -> "tokens";
            case ATTENTIVE -> ATTENTIVE + head;
        };
    }
}
