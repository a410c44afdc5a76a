package io.jepastream.ingest.clip;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** What is known of one slot of one camera beside its picture. */
final class SlotMark {
    /*
     * Times of the frames seen, ascending, so that a frame that comes twice counts once whatever the order. Bounded: frames
     * beyond the bound only count.
     */
    private static final int MOST_TIMES = 64;

    private long[] times = {};
    private int beyond;
    private long bestSequence;
    private int shed;
    private int decodeErrors;

    /** How a frame relates to the slot so far. */
    enum Place {
        /** It is the slot's picture from now on. */
        BEST,
        /** Another frame of the slot is earlier. */
        LATER,
        /** A frame of this time was seen already. */
        DUPLICATE,
        /** A frame of this time was seen already, under a higher sequence number: this one's picture is kept. */
        DUPLICATE_BEST
    }

    Place see(long micros, long sequence) {
        int at = Arrays.binarySearch(times, micros);
        if (at >= 0) {
            boolean better = at == 0 && sequence < bestSequence;
            bestSequence = better ? sequence : bestSequence;
            return better ? Place.DUPLICATE_BEST : Place.DUPLICATE;
        }
        int insert = -at - 1;
        if (times.length == MOST_TIMES && insert == MOST_TIMES) {
            beyond++;
            return Place.LATER;
        }
        times = inserted(times, insert, micros);
        if (times.length > MOST_TIMES) {
            times = Arrays.copyOf(times, MOST_TIMES);
            beyond++;
        }
        if (insert > 0) {
            return Place.LATER;
        }
        bestSequence = sequence;
        return Place.BEST;
    }

    void count(int shedFrames, int decodeErrorFrames) {
        shed += shedFrames;
        decodeErrors += decodeErrorFrames;
    }

    boolean filled() {
        return times.length > 0;
    }

    int seen() {
        return times.length + beyond;
    }

    int shed() {
        return shed;
    }

    int decodeErrors() {
        return decodeErrors;
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(times.length);
        for (long time : times) {
            out.writeLong(time);
        }
        out.writeInt(beyond);
        out.writeLong(bestSequence);
        out.writeInt(shed);
        out.writeInt(decodeErrors);
    }

    static SlotMark read(DataInput in) throws IOException {
        SlotMark mark = new SlotMark();
        mark.times = new long[in.readUnsignedByte()];
        for (int i = 0; i < mark.times.length; i++) {
            mark.times[i] = in.readLong();
        }
        mark.beyond = in.readInt();
        mark.bestSequence = in.readLong();
        mark.shed = in.readInt();
        mark.decodeErrors = in.readInt();
        return mark;
    }

    private static long[] inserted(long[] from, int at, long value) {
        long[] to = new long[from.length + 1];
        System.arraycopy(from, 0, to, 0, at);
        to[at] = value;
        System.arraycopy(from, at, to, at + 1, from.length - at);
        return to;
    }
}
