package io.jepastream.probeheads;

import io.jepastream.encoder.stream.EncodedClip;
import io.jepastream.probeheads.wire.ActionLabels;
import io.jepastream.probeheads.wire.Label;
import java.util.List;

/** Turns the logits of one head into the labels of a clip, most probable first. */
public final class Labeller {
    private final String head;
    private final String digest;
    private final List<String> labels;
    private final int top;

    /**
     * A labeller for one head.
     *
     * @param head its name
     * @param digest SHA-256 of the head, hexadecimal
     * @param labels one per logit, in their order
     * @param top most labels of a record, 1 or more
     */
    public Labeller(String head, String digest, List<String> labels, int top) {
        if (top < 1) {
            throw new IllegalArgumentException("top: want 1 or more, got %d".formatted(top));
        }
        this.head = head;
        this.digest = digest;
        this.labels = List.copyOf(labels);
        this.top = top;
    }

    /** Name of the head. */
    public String head() {
        return head;
    }

    /** The record for the {@code action-labels} topic. */
    public ActionLabels label(EncodedClip clip) {
        float[] logits = clip.result().logits().get(head);
        if (logits == null || logits.length != labels.size()) {
            throw new IllegalStateException("head %s: want %d logits, got %s"
                    .formatted(head, labels.size(), logits == null ? "none" : Integer.toString(logits.length)));
        }
        List<Label> best = LabelScores.top(logits, labels, top).stream()
                .map(score -> new Label(score.label(), score.probability()))
                .toList();
        return ActionLabels.newBuilder()
                .setCamera(clip.camera())
                .setStart(clip.start())
                .setEnd(clip.end())
                .setHead(head)
                .setHeadDigest(digest)
                .setModelDigest(clip.model().digest())
                .setLabels(best)
                .build();
    }
}
