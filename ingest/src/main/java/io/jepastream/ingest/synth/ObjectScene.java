package io.jepastream.ingest.synth;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.synth.Sprite.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A generated world in which things move before a camera that stands still or drifts a little: the picture at a time is a
 * pure function of the seed, the motion, the length, the time and the size.
 *
 * <p>With the same seed and length, {@link ObjectMotion#reverseOf} shows the same pictures in the other order, light and
 * noise included. {@link ObjectMotion#COLLIDE} and {@link ObjectMotion#PASS} show the same pictures until the two things
 * meet. Behind them is one of the textures of {@link MotionScene} with up to two
 * things that do nothing; every scene has three or four things.
 *
 * <p>Used by one thread: it keeps its working memory between pictures.
 */
public final class ObjectScene {
    private final ObjectPath path;
    private final SceneTexture texture;
    private final List<Sprite> sprites = new ArrayList<>();
    private final List<Place> still = new ArrayList<>();
    private final Film film;
    private final double viewX;
    private final double viewY;
    private final double span;
    private final double angle;
    private final double driftX;
    private final double driftY;
    private int[] pixels = new int[0];

    private ObjectScene(ObjectMotion motion, long seed, double seconds, Surface surface) {
        path = new ObjectPath(motion, Seeds.random(seed, 11), seconds);
        texture = new SceneTexture(seed, surface);
        Random random = Seeds.random(seed, 12);
        viewX = Seeds.between(random, 0, SceneTexture.SIZE);
        viewY = Seeds.between(random, 0, SceneTexture.SIZE);
        span = Seeds.between(random, 200, 420);
        angle = Seeds.between(random, 0, 2 * Math.PI);
        boolean drifts = random.nextInt(3) == 0;
        double speed = drifts ? Seeds.between(random, 0, 0.04) * span : 0;
        double direction = Seeds.between(random, 0, 2 * Math.PI);
        driftX = speed * StrictMath.cos(direction);
        driftY = speed * StrictMath.sin(direction);
        film = new Film(random, seed);
        // So that every scene has three or four things, whatever they do.
        int idle = random.nextInt(2) + (motion.isMeeting() ? 1 : 0);
        for (int i = 0; i < idle; i++) {
            still.add(new Place(
                    Seeds.between(random, -0.6, 0.6),
                    Seeds.between(random, -0.45, 0.45),
                    Seeds.between(random, 0.06, 0.2),
                    Seeds.between(random, 0, 6),
                    1));
        }
        for (int i = 0; i < ObjectPath.MOST + idle; i++) {
            sprites.add(new Sprite(random));
        }
    }

    /**
     * Makes the world; takes some ten milliseconds.
     *
     * @param seconds length of the scene, above 0 and at most 60
     */
    public static ObjectScene of(ObjectMotion motion, long seed, double seconds) {
        return of(motion, seed, seconds, Surface.VARIED);
    }

    /** The same before another surface. */
    public static ObjectScene of(ObjectMotion motion, long seed, double seconds, Surface surface) {
        if (!(seconds > 0 && seconds <= 60)) {
            throw new IllegalArgumentException("scene: want above 0 and at most 60 seconds, got " + seconds);
        }
        return new ObjectScene(motion, seed, seconds, surface);
    }

    /**
     * Renders one picture.
     *
     * @param seconds 0 to the length of the scene
     * @param width pixels
     * @param height pixels
     */
    public Picture render(double seconds, int width, int height) {
        if (pixels.length != width * height) {
            pixels = new int[width * height];
        }
        double time = path.forwards(seconds);
        texture.render(new View(viewX + driftX * time, viewY + driftY * time, span, angle), width, height, pixels);
        for (int i = 0; i < still.size(); i++) {
            sprites.get(ObjectPath.MOST + i).paint(still.get(i), width, height, pixels);
        }
        double unit = 2.0 * Math.min(width, height);
        List<Place> places = path.at(seconds, width / unit, height / unit);
        for (int i = 0; i < places.size(); i++) {
            sprites.get(i).paint(places.get(i), width, height, pixels);
        }
        return film.develop(time, pixels, width, height);
    }
}
