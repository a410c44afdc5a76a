package io.jepastream.ingest.synth;

import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureHeader;
import io.jepastream.ingest.media.PictureScaler;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.SourceException.Reason;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A generated camera. With a duration it is like a file: its timeline starts at 0 and frames come as fast as they are
 * asked for. Without, it is like a live camera: its timeline is the wall clock (epoch microseconds), frames come when
 * they are due, and frames that nobody fetched for a second are skipped.
 *
 * <p>A scene lasts {@value #SCENE_MICROS} microseconds and changes on multiples of that, to a new world, and in a tour to
 * the next motion, of which each comes once per round in an order given by the seed.
 */
public final class SyntheticSource implements FrameSource {
    /** How long a scene lasts, microseconds. */
    public static final long SCENE_MICROS = 6_000_000;

    private static final long MICROS = 1_000_000;

    private final SyntheticSettings settings;
    private final InstantSource clock;
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private @Nullable MotionScene scene;
    private long sceneNumber;
    private long index = -1;

    /**
     * Makes a camera; nothing is rendered before it is asked for.
     *
     * @param clock the wall clock of a live camera
     */
    public SyntheticSource(SyntheticSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Returns the true motion at a time of the source's own timeline, microseconds. */
    public CameraMotion motionAt(long micros) {
        long number = Math.floorDiv(micros, SCENE_MICROS);
        Optional<CameraMotion> fixed = settings.motion();
        return fixed.isPresent() ? fixed.get() : tour(number);
    }

    private CameraMotion tour(long number) {
        List<CameraMotion> order = new ArrayList<>(List.of(CameraMotion.values()));
        Collections.shuffle(order, Seeds.random(settings.seed(), 1000 + Math.floorDiv(number, order.size())));
        return order.get(Math.floorMod(number, order.size()));
    }

    @Override
    public void open() {
        index = isLive() ? Math.floorDiv(nowMicros() * settings.fps(), MICROS) : -1;
    }

    @Override
    public boolean next() throws SourceException {
        requireGoing();
        index++;
        if (isLive()) {
            long due = Math.floorDiv(nowMicros() * settings.fps(), MICROS);
            if (due - index > settings.fps()) {
                index = due;
            }
            awaitDue();
        }
        return settings.seconds().isEmpty() || timeMicros() < settings.seconds().get() * MICROS;
    }

    private void awaitDue() throws SourceException {
        long wait = timeMicros() - nowMicros();
        try {
            while (wait > 0 && !cancelled.await(wait, TimeUnit.MICROSECONDS)) {
                wait = timeMicros() - nowMicros();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
        }
        requireGoing();
    }

    private void requireGoing() throws SourceException {
        if (cancelled.getCount() == 0) {
            throw new SourceException(Reason.CANCELLED, "generated camera: cancelled");
        }
    }

    private long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    @Override
    public long timeMicros() {
        return index * MICROS / settings.fps();
    }

    @Override
    public long endMicros() {
        return (index + 1) * MICROS / settings.fps();
    }

    @Override
    public Picture picture(int shortSide) {
        int width = settings.width();
        int height = settings.height();
        int toWidth = shortSide == 0 ? width : PictureScaler.side(width, height, shortSide);
        int toHeight = shortSide == 0 ? height : PictureScaler.side(height, width, shortSide);
        if (Math.max(toWidth, toHeight) > PictureHeader.MAX_SIDE) {
            throw new IllegalArgumentException("generated camera: want sides up to %d pixels, got %dx%d"
                    .formatted(PictureHeader.MAX_SIDE, toWidth, toHeight));
        }
        long time = timeMicros();
        long number = Math.floorDiv(time, SCENE_MICROS);
        MotionScene shown = scene;
        if (shown == null || number != sceneNumber) {
            shown = MotionScene.of(motionAt(time), Seeds.mix(settings.seed(), number));
            scene = shown;
            sceneNumber = number;
        }
        return shown.render((time - number * SCENE_MICROS) / (double) MICROS, toWidth, toHeight);
    }

    @Override
    public int takeDecodeErrors() {
        return 0;
    }

    @Override
    public boolean isLive() {
        return settings.seconds().isEmpty();
    }

    @Override
    public boolean isPaced() {
        return isLive();
    }

    @Override
    public void cancel() {
        cancelled.countDown();
    }

    @Override
    public void close() {
        scene = null;
    }
}
