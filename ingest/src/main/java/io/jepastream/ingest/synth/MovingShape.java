package io.jepastream.ingest.synth;

import java.util.Random;

/** A disc or a rectangle that goes its own way through the world: some 2 to 45 % of a picture's width per second. */
final class MovingShape {
    private static final int SIZE = SceneTexture.SIZE;

    private final boolean disc;
    private final double startX;
    private final double startY;
    private final double speedX;
    private final double speedY;
    private final double halfWidth;
    private final double halfHeight;
    private final double startAngle;
    private final double turning;
    private final int colour;
    private final int otherColour;

    MovingShape(Random random) {
        disc = random.nextBoolean();
        startX = Seeds.between(random, 0, SIZE);
        startY = Seeds.between(random, 0, SIZE);
        double direction = Seeds.between(random, 0, 2 * Math.PI);
        double speed = Seeds.between(random, 6, 140);
        speedX = speed * StrictMath.cos(direction);
        speedY = speed * StrictMath.sin(direction);
        halfWidth = Seeds.between(random, 8, 70);
        halfHeight = disc ? halfWidth : Seeds.between(random, 8, 70);
        startAngle = Seeds.between(random, 0, Math.PI);
        turning = random.nextInt(3) == 0 ? Seeds.between(random, -0.8, 0.8) : 0;
        Palette palette = new Palette(random, 1);
        colour = palette.at(0);
        otherColour = palette.at(0.35f);
    }

    /** Paints the shape over packed pixels. */
    void render(View view, double seconds, int width, int height, int[] to) {
        double scale = view.span() / width;
        double cos = StrictMath.cos(view.angle());
        double sin = StrictMath.sin(view.angle());
        double awayX = nearest(startX + speedX * seconds - view.x());
        double awayY = nearest(startY + speedY * seconds - view.y());
        double centreX = (cos * awayX + sin * awayY) / scale + (width - 1) / 2.0;
        double centreY = (-sin * awayX + cos * awayY) / scale + (height - 1) / 2.0;
        double reach = StrictMath.hypot(halfWidth, halfHeight) / scale + 1;
        double own = startAngle + turning * seconds - view.angle();
        double ownCos = StrictMath.cos(own) * scale;
        double ownSin = StrictMath.sin(own) * scale;
        int bottom = (int) Math.min(height - 1.0, centreY + reach);
        int right = (int) Math.min(width - 1.0, centreX + reach);
        for (int y = (int) Math.max(0, centreY - reach); y <= bottom; y++) {
            for (int x = (int) Math.max(0, centreX - reach); x <= right; x++) {
                double dx = x - centreX;
                double dy = y - centreY;
                double localX = ownCos * dx + ownSin * dy;
                double localY = -ownSin * dx + ownCos * dy;
                double outside = outside(localX, localY) / scale;
                if (outside < 0.5) {
                    int paint = localX * localY > 0 ? colour : otherColour;
                    int weight = (int) (256 * Math.min(1, 0.5 - outside));
                    to[y * width + x] = Palette.blend(to[y * width + x], paint, weight);
                }
            }
        }
    }

    /** Distance from the edge, texels, positive outside. */
    private double outside(double x, double y) {
        return disc
                ? Math.sqrt(x * x + y * y) - halfWidth
                : Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
    }

    /** The shortest way round a world that repeats. */
    private static double nearest(double distance) {
        return distance - SIZE * Math.rint(distance / SIZE);
    }
}
