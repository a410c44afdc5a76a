package io.jepastream.app.selftest;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What one troubled camera sends: frames doubled, out of order and late, holes, restarts, and clocks that jump. A function of its
 * seed and of what is asked of it.
 */
final class Footage {
    /** Frames of a second of the camera's time. */
    static final int FPS = 8;

    private static final long SECOND = 1_000_000;
    private static final long STEP = SECOND / FPS;
    private static final long JUMP = 3600 * SECOND;
    private static final long WINDOW = 3 * SECOND;
    private static final int SIDE = 16;
    private static final int DAMAGED = 24; // of the last bytes of a JPEG's picture
    private static final byte[] CURSED = {(byte) 255, 0, (byte) 255}; // magenta: FaultyModel

    private final String camera;
    private final SplittableRandom random;
    private final @Nullable PictureEncoder encoder;
    private final PriorityQueue<Held> held = new PriorityQueue<>();
    private final Set<Long> cursed = new HashSet<>();
    private long step;
    private long clock;
    private long cursedUntil;
    private volatile boolean curse;
    private long session = 1;
    private long sequence;
    private int disorder;

    private record Held(long due, long number, Frame frame) implements Comparable<Held> {
        @Override
        public int compareTo(Held other) {
            return due != other.due ? Long.compare(due, other.due) : Long.compare(number, other.number);
        }
    }

    /**
     * A camera that has sent nothing yet.
     *
     * @param start its first instant, epoch microseconds
     * @param encoder of its pictures, which stays the caller's to close; none for raw pixels
     */
    Footage(String camera, long seed, long start, @Nullable PictureEncoder encoder) {
        this.camera = camera;
        this.encoder = encoder;
        this.random = new SplittableRandom(seed);
        this.clock = start;
    }

    String camera() {
        return camera;
    }

    /** What the camera sends next; maybe nothing. */
    List<Frame> next() {
        step++;
        clock += STEP;
        trouble();
        if (!chance(0.02)) { // else the frame was lost on its way
            send(frame(clock), random.nextDouble());
        }
        if (chance(0.002)) {
            held.add(new Held(step, sequence, frame(clock + (random.nextBoolean() ? JUMP : -JUMP)))); // a stray
        }
        if (chance(0.02)) {
            held.add(new Held(step, sequence, tick(clock, false)));
        }
        disorder = Math.max(0, disorder - 1);
        curse = clock < cursedUntil;
        List<Frame> due = new ArrayList<>();
        while (!held.isEmpty() && held.peek().due() <= step) {
            due.add(held.remove().frame());
        }
        return due;
    }

    /** All that is still on its way, then the end of the stream. */
    List<Frame> end() {
        List<Frame> rest = new ArrayList<>();
        while (!held.isEmpty()) {
            rest.add(held.remove().frame());
        }
        clock += STEP;
        rest.add(tick(clock, true));
        return rest;
    }

    /** The camera's clock goes an hour back or on. */
    void jump(boolean back) {
        clock += back ? -JUMP : JUMP;
    }

    /** The camera starts again: a new session after a hole, its end said or not. */
    void restart() {
        if (random.nextBoolean()) {
            held.add(new Held(step, sequence, tick(clock + STEP, true)));
        }
        clock += random.nextLong(10 * SECOND);
        session++;
        sequence = 0;
    }

    /** For so many frames nothing arrives as it should. */
    void disturb(int frames) {
        disorder = frames;
    }

    /** So many clips, from the window after the next, show nothing but the colour that the fault hook cannot bear. */
    void curse(int clips) {
        for (int i = 0; i < clips; i++) {
            cursed.add(Math.floorDiv(clock, WINDOW) + 2 + i);
        }
        cursedUntil = (Math.floorDiv(clock, WINDOW) + 2 + clips) * WINDOW;
        curse = true;
    }

    /** Whether clips of that colour are still to come. Any thread may ask. */
    boolean isCursed() {
        return curse;
    }

    private void trouble() {
        if (chance(0.002)) {
            clock += random.nextLong(SECOND, 10 * SECOND); // a hole
        }
        if (chance(0.0005)) {
            restart();
        }
    }

    private void send(Frame frame, double fate) {
        double trouble = disorder > 0 ? 0.5 : 0.06;
        if (fate < trouble * 0.4) {
            hold(frame, 1, 4); // out of order, within the lateness
        } else if (fate < trouble * 0.5) {
            hold(frame, 20, 60); // late
        } else {
            held.add(new Held(step, sequence, frame));
            if (fate < trouble) {
                hold(frame, 0, 40); // and again
            }
        }
    }

    private void hold(Frame frame, int least, int most) {
        held.add(new Held(step + random.nextInt(least, most + 1), sequence, frame));
    }

    private Frame frame(long at) {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        PictureEncoder by = encoder;
        if (cursed.contains(Math.floorDiv(at, WINDOW))) {
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = CURSED[i % 3];
            }
            by = null; // the very colour
        } else {
            random.nextBytes(rgb);
            Arrays.fill(rgb, 0, rgb.length / 2, (byte) (at / STEP)); // half noise, half a shade that moves
        }
        return builder(at)
                .setWidth(SIDE)
                .setHeight(SIDE)
                .setEncoding(by == null ? ImageEncoding.RGB24 : by.encoding())
                .setData(ByteBuffer.wrap(by == null ? rgb : encoded(by, rgb)))
                .build();
    }

    /** The picture in the camera's encoding; now and then its last rows are lost, while header and end are sound. */
    private byte[] encoded(PictureEncoder by, byte[] planes) {
        byte[] bytes = by.encode(new Picture(SIDE, SIDE, planes));
        if (chance(0.01)) {
            Arrays.fill(bytes, bytes.length - 2 - DAMAGED, bytes.length - 2, (byte) 0);
        }
        return bytes;
    }

    private Frame tick(long at, boolean end) {
        return builder(at)
                .setEncoding(ImageEncoding.UNKNOWN)
                .setEndOfStream(end)
                .build();
    }

    private Frame.Builder builder(long at) {
        return Frame.newBuilder()
                .setCamera(camera)
                .setSession(session)
                .setSequence(sequence++)
                .setCapturedAt(at);
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
