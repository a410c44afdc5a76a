package io.jepastream.trainer.pretrain;

/** A run that cannot go on: its numbers are no numbers any more, or its features have collapsed. */
public final class TrainingFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what happened, and at which step. */
    public TrainingFailedException(String message) {
        super(message);
    }
}
