package io.jepastream.trainer.data;

import java.util.List;

/** A batch of clips of S pixels a side, of one length or several. Filled by the loader, then the trainer's. */
public final class Batch {
    /** Label of a clip whose class is not known. */
    public static final int NO_LABEL = -1;

    private final long step;
    private final List<Clips> groups;
    private final int[] labels;
    private final String[] names;

    /** A batch of {@code clips} clips, the groups together. */
    Batch(long step, int clips, List<Clips> groups) {
        this.step = step;
        this.groups = List.copyOf(groups);
        this.labels = new int[clips];
        this.names = new String[clips];
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

    /**
     * Returns the clips by length, not copies: lengths in the order of the sources, those that the batch has, and the clips
     * of each in the order of the batch.
     */
    public List<Clips> groups() {
        return groups;
    }

    /**
     * Returns the pixels {@code [B, 3, T, S, S]}, uint8, RGB, not a copy.
     *
     * @throws IllegalStateException if the batch has clips of several lengths
     */
    public byte[] pixels() {
        if (groups.size() != 1) {
            throw new IllegalStateException("batch: want clips of one length, got " + groups.size());
        }
        return groups.get(0).pixels();
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
