package io.jepastream.ingest.synth;

import io.jepastream.ingest.media.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A generated world seen by a moving camera: the picture at a time is a pure function of the seed, the motion, the time
 * and the size.
 *
 * <p>The world is a texture (clouds, checkers, stripes, blobs, or sparse; one in four of low contrast) with 0 to 5 discs
 * and rectangles that move by themselves, whatever the camera does, also before a camera that stands still. The light
 * flickers by up to 6 %, and the sensor adds noise of up to 5 levels. For one seed the world is the same under all
 * motions. Camera speeds are drawn per second, from parts of the picture's width: pan and tilt 6 to 45 %, zoom 6 to 35 %,
 * roll 6 to 50 degrees, shake 1 to 4 % at 2.5 to 9 Hz.
 *
 * <p>Used by one thread: it keeps its working memory between pictures.
 */
public final class MotionScene {
    private final CameraMotion motion;
    private final SceneTexture texture;
    private final CameraPath path;
    private final List<MovingShape> shapes = new ArrayList<>();
    private final Film film;
    private int[] pixels = new int[0];

    private MotionScene(CameraMotion motion, long seed, Surface surface) {
        this.motion = motion;
        this.texture = new SceneTexture(seed, surface);
        this.path = new CameraPath(motion, seed);
        Random random = Seeds.random(seed, 2);
        int count = surface == Surface.GRAIN || random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(12);
        for (int i = 0; i < count; i++) {
            shapes.add(new MovingShape(random));
        }
        film = new Film(random, seed);
    }

    /** Makes the world and the camera; takes some ten milliseconds. */
    public static MotionScene of(CameraMotion motion, long seed) {
        return of(motion, seed, Surface.VARIED);
    }

    /** The same of another surface; a world of grain has no shapes. */
    public static MotionScene of(CameraMotion motion, long seed, Surface surface) {
        return new MotionScene(motion, seed, surface);
    }

    /** Returns how the camera moves. */
    public CameraMotion motion() {
        return motion;
    }

    /**
     * Renders one picture.
     *
     * @param seconds since the scene began, 0 to 8; later a zoom leaves the range where the world has detail
     * @param width pixels
     * @param height pixels
     */
    public Picture render(double seconds, int width, int height) {
        int size = width * height;
        if (pixels.length != size) {
            pixels = new int[size];
        }
        View view = path.at(seconds);
        texture.render(view, width, height, pixels);
        for (MovingShape shape : shapes) {
            shape.render(view, seconds, width, height, pixels);
        }
        return film.develop(seconds, pixels, width, height);
    }
}
