package io.jepastream.ingest.synth;

import io.jepastream.ingest.synth.Sprite.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Where the things of a scene are over time. At every instant places, sizes and angles are distributed alike in both
 * motions of a pair, so that no single picture tells them apart:
 *
 * <ul>
 *   <li>Things that move leave the picture on one side and come back on the other; where they start is even over that
 *       round trip.
 *   <li>Things that approach fade when they are near and come again from afar; where they start is even over that.
 *   <li>Things that turn start at any angle.
 *   <li>Two things that meet slide past each other's side; which one is on which side is even.
 * </ul>
 *
 * <p>The second motion of a pair is the first with time running backwards. Speeds: 0.15 to 0.6 short sides per second,
 * growth 1.4 to 2.4 times per second, 0.6 to 2.2 radians per second.
 */
final class ObjectPath {
    /** Most things that move. */
    static final int MOST = 3;

    private static final double MEETING_SIZE = 0.8; // so that two fit in
    private static final double FARTHEST = 0.04;
    private static final double NEAREST = 0.5;
    private static final double TAU = 2 * Math.PI;

    private final ObjectMotion motion;
    private final double seconds;
    private final List<Thing> things = new ArrayList<>();
    private final Meeting meeting;

    /** What one thing starts with; places are 0 to 1 on their round trips. */
    private record Thing(double x, double y, double size, double angle, double speed, double aside) {}

    private record Meeting(double time, double speed, double direction, double aside, double x, double y, int sign) {}

    ObjectPath(ObjectMotion motion, Random random, double seconds) {
        this.motion = motion;
        this.seconds = seconds;
        int count = motion.isMeeting() ? 2 : MOST;
        double common = Seeds.between(random, 0, 1);
        for (int i = 0; i < count; i++) {
            things.add(new Thing(
                    random.nextDouble(),
                    random.nextDouble(),
                    Seeds.between(random, 0.12, 0.26),
                    Seeds.between(random, 0, TAU),
                    Math.min(1, Math.max(0, common + Seeds.between(random, -0.25, 0.25))),
                    Seeds.between(random, -0.2, 0.2)));
        }
        double time = Seeds.between(random, 0.35, 0.65) * seconds;
        meeting = new Meeting(
                time,
                Seeds.between(random, 0.35, 0.6) / Math.max(time, seconds - time),
                Seeds.between(random, 0, TAU),
                Seeds.between(random, 0.6, 1) * (random.nextBoolean() ? 1 : -1),
                Seeds.between(random, -0.12, 0.12),
                Seeds.between(random, -0.12, 0.12),
                random.nextBoolean() ? 1 : -1);
    }

    /** When a moment of this motion is in the first motion of its pair. */
    double forwards(double at) {
        return motion.isBackwards() ? seconds - at : at;
    }

    /**
     * Where the things are.
     *
     * @param at seconds, 0 to the length of the scene
     * @param halfWidth of the picture, in short sides
     * @param halfHeight of the picture, in short sides
     * @return in the order of painting
     */
    List<Place> at(double at, double halfWidth, double halfHeight) {
        double time = forwards(at);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < things.size(); i++) {
            Thing thing = things.get(i);
            places.add(
                    switch (motion) {
                        case MOVE_LEFT, MOVE_RIGHT -> moved(thing, time, 1, thing.aside(), halfWidth, halfHeight);
                        case MOVE_UP, MOVE_DOWN -> moved(thing, time, thing.aside(), 1, halfWidth, halfHeight);
                        case APPROACH, RECEDE -> approached(thing, time, (double) i / things.size());
                        case TURN_CLOCKWISE, TURN_COUNTERCLOCKWISE -> turned(thing, time, i, halfWidth, halfHeight);
                        case COLLIDE, PASS -> met(thing, time, i == 0 ? 1 : -1);
                    });
        }
        return places;
    }

    private static double between(double low, double high, double share) {
        return low + (high - low) * share;
    }

    private static Place moved(
            Thing thing, double time, double right, double down, double halfWidth, double halfHeight) {
        double way = between(0.15, 0.6, thing.speed()) * time;
        return new Place(
                around(thing.x(), right * way, halfWidth + thing.size()),
                around(thing.y(), down * way, halfHeight + thing.size()),
                thing.size(),
                thing.angle(),
                1);
    }

    /** A place on a round trip through -half to half. */
    private static double around(double start, double way, double half) {
        double turns = start + way / (2 * half);
        return half * (2 * (turns - Math.floor(turns)) - 1);
    }

    private static Place approached(Thing thing, double time, double apart) {
        double rate = between(StrictMath.log(1.4), StrictMath.log(2.4), thing.speed());
        double range = StrictMath.log(NEAREST / FARTHEST);
        double trips = thing.x() + apart + rate * time / range;
        double near = trips - Math.floor(trips);
        double size = FARTHEST * StrictMath.exp(range * near);
        double weight = Math.min(1, Math.min(near / 0.1, (1 - near) / 0.2));
        // Seen larger, its way from the middle of the view is larger too.
        return new Place(
                2 * thing.aside() * (0.5 + size), 2 * (thing.y() - 0.5) * (0.2 + size), size, thing.angle(), weight);
    }

    private Place turned(Thing thing, double time, int index, double halfWidth, double halfHeight) {
        double angle = thing.angle() + between(0.6, 2.2, thing.speed()) * time;
        double side = things.get(0).aside() > 0 ? 1 : -1;
        return new Place(
                side * (0.7 * (index - 1) + between(-0.3, 0.3, thing.x())) * (halfWidth - 0.1),
                (2 * thing.y() - 1) * (halfHeight - 0.1),
                1.2 * thing.size(),
                angle,
                1);
    }

    private Place met(Thing thing, double time, int which) {
        double along = meeting.speed() * (time - meeting.time());
        double from = motion == ObjectMotion.PASS ? along : -Math.abs(along);
        double way = which * meeting.sign() * from;
        double aside = which
                * meeting.aside()
                * 0.5
                * (things.get(0).size() + things.get(1).size())
                * 0.75;
        double cos = StrictMath.cos(meeting.direction());
        double sin = StrictMath.sin(meeting.direction());
        return new Place(
                meeting.x() + cos * way - sin * aside,
                meeting.y() + sin * way + cos * aside,
                MEETING_SIZE * thing.size(),
                thing.angle(),
                1);
    }
}
