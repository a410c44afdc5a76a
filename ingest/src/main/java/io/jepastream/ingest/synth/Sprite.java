package io.jepastream.ingest.synth;

import java.util.Random;

/** A flat thing of two colours: a shape with a pattern that shows how it is turned. */
final class Sprite {
    private static final int FINE = 2; // samples per pixel and axis

    private final Shape shape;
    private final int pattern;
    private final double flatness;
    private final int colour;
    private final int otherColour;

    private enum Shape {
        DISC,
        BOX,
        TRIANGLE,
        STAR,
        CROSS
    }

    /**
     * Where a thing is seen. Lengths are in parts of the picture's short side, the middle of the picture is 0, 0.
     *
     * @param x of its centre, to the right
     * @param y of its centre, down
     * @param size from the centre to the farthest edge
     * @param angle turned by, clockwise as seen, radians
     * @param weight 0 (not seen) to 1 (opaque)
     */
    record Place(double x, double y, double size, double angle, double weight) {}

    Sprite(Random random) {
        shape = Shape.values()[random.nextInt(Shape.values().length)];
        pattern = random.nextInt(4);
        flatness = Seeds.between(random, 0.45, 1);
        Palette palette = new Palette(random, 1);
        colour = palette.at(0);
        otherColour = palette.at(0.35f);
    }

    /** Paints over packed pixels. */
    void paint(Place place, int width, int height, int[] to) {
        double unit = Math.min(width, height);
        double centreX = width / 2.0 + place.x() * unit;
        double centreY = height / 2.0 + place.y() * unit;
        double reach = place.size() * unit;
        double cos = StrictMath.cos(place.angle()) / reach;
        double sin = StrictMath.sin(place.angle()) / reach;
        int bottom = (int) Math.min(height - 1.0, centreY + reach);
        int right = (int) Math.min(width - 1.0, centreX + reach);
        for (int y = (int) Math.max(0, centreY - reach); y <= bottom; y++) {
            for (int x = (int) Math.max(0, centreX - reach); x <= right; x++) {
                int one = 0;
                int other = 0;
                for (int i = 0; i < FINE * FINE; i++) {
                    double dx = x + (i % FINE + 0.5) / FINE - centreX;
                    double dy = y + ((i >> 1) + 0.5) / FINE - centreY;
                    double u = cos * dx + sin * dy;
                    double v = (cos * dy - sin * dx) / flatness;
                    if (inside(u, v)) {
                        boolean first = isFirst(u, v);
                        one += first ? 1 : 0;
                        other += first ? 0 : 1;
                    }
                }
                if (one + other > 0) {
                    int paint = Palette.blend(colour, otherColour, 256 * other / (one + other));
                    int weight = (int) (256 * place.weight() * (one + other) / (FINE * FINE));
                    to[y * width + x] = Palette.blend(to[y * width + x], paint, weight);
                }
            }
        }
    }

    private boolean inside(double u, double v) {
        return switch (shape) {
            case DISC -> u * u + v * v < 1;
            case BOX -> Math.abs(u) < 0.8 && Math.abs(v) < 0.6;
            case TRIANGLE -> v < 0.5 && v > 1.7 * Math.abs(u) - 1;
            case STAR -> star(u, v);
            case CROSS -> Math.min(Math.abs(u), Math.abs(v)) < 0.3 && Math.max(Math.abs(u), Math.abs(v)) < 0.95;
        };
    }

    private static boolean star(double u, double v) {
        double angle = StrictMath.atan2(v, u);
        double wave = StrictMath.cos(5 * angle);
        double edge = 0.7 + 0.3 * wave;
        return u * u + v * v < edge * edge;
    }

    private boolean isFirst(double u, double v) {
        return switch (pattern) {
            case 0 -> u > 0;
            case 1 -> u * v > 0;
            case 2 -> Math.floorMod((int) Math.floor(3 * u), 2) == 0;
            default -> u + v > 0.3;
        };
    }
}
