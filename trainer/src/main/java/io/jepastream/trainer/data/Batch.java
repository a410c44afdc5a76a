package io.jepastream.trainer.data;

import java.util.List;

/** A batch of clips: B clips of T frames of S pixels a side. Filled by the loader, then the trainer's. */
public final class Batch {
    /** Label of a clip whose class is not known. */
    public static final int NO_LABEL = -1;

    private final long step;
    private final Clips clips;
    private final int[] labels;
    private final String[] names;

    Batch(long step, Clips clips) {
        this.step = step;
        this.clips = clips;
        this.labels = new int[clips.count()];
        this.names = new String[clips.count()];
    }

    void set(int clip, int label, String name) {
        labels[clip] = label;
        names[clip] = name;
    }

    /** Returns the step that this batch is for, from 0. */
    public long step() {
        return step;
    }

    /** Returns B. */
    public int size() {
        return labels.length;
    }

    /** Returns the clips, not a copy. */
    public Clips clips() {
        return clips;
    }

    /** Returns the pixels {@code [B, 3, T, S, S]}, uint8, RGB, not a copy. */
    public byte[] pixels() {
        return clips.pixels();
    }

    /** Returns for each clip the number of its class, or {@value #NO_LABEL}; not a copy. */
    public int[] labels() {
        return labels;
    }

    /** Returns for each clip what a person finds it by. */
    public List<String> names() {
        return List.of(names);
    }
}
