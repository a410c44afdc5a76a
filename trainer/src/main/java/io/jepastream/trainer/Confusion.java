package io.jepastream.trainer;

import io.jepastream.ingest.synth.CameraMotion;
import java.util.List;
import java.util.Locale;

/** Which motion was taken for which. */
final class Confusion {
    private static final List<CameraMotion> MOTIONS = MotionClips.MOTIONS;
    private final int[][] counts = new int[MOTIONS.size()][MOTIONS.size()];

    /** Adds a batch: true labels, and logits row by row. */
    void add(int[] labels, float[] logits) {
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int c = 1; c < MOTIONS.size(); c++) {
                if (logits[i * MOTIONS.size() + c] > logits[i * MOTIONS.size() + best]) {
                    best = c;
                }
            }
            counts[labels[i]][best]++;
        }
    }

    double accuracy() {
        int right = 0;
        int all = 0;
        for (int i = 0; i < MOTIONS.size(); i++) {
            for (int j = 0; j < MOTIONS.size(); j++) {
                all += counts[i][j];
                right += i == j ? counts[i][j] : 0;
            }
        }
        return right / (double) all;
    }

    /** One row per true motion, one column per answer, in the order of the labels. */
    String table() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < MOTIONS.size(); i++) {
            text.append(String.format(Locale.ROOT, "%-10s", MOTIONS.get(i).label()));
            for (int count : counts[i]) {
                text.append(String.format(Locale.ROOT, "%5d", count));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
