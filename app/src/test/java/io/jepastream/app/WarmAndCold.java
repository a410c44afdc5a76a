package io.jepastream.app;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Labelled videos that a very small model tells apart: red blocks and blue ones. */
final class WarmAndCold {
    private static final int VIDEOS = 5;

    private WarmAndCold() {}

    /** Writes {@code warm/0.mp4} to {@code warm/4.mp4} and as many of {@code cold}. */
    static void write(Path data) throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < VIDEOS; i++) {
            String name = i + ".mp4";
            moving(data.resolve("warm").resolve(name), new Color(200 + random.nextInt(50), 40, 20), random);
            moving(data.resolve("cold").resolve(name), new Color(20, 40, 200 + random.nextInt(50)), random);
        }
    }

    /** Three pictures one behind the other, which libav takes for a video: a block that wanders. */
    private static void moving(Path file, Color color, SplittableRandom random) throws IOException {
        Files.createDirectories(file.getParent());
        try (OutputStream out = Files.newOutputStream(file)) {
            int x = random.nextInt(10);
            for (int i = 0; i < 3; i++) {
                BufferedImage image = new BufferedImage(80, 64, BufferedImage.TYPE_INT_RGB);
                Graphics2D graphics = image.createGraphics();
                graphics.setColor(color);
                graphics.fillRect(x + 8 * i, 5, 45, 50);
                graphics.dispose();
                ImageIO.write(image, "png", out);
            }
        }
    }
}
