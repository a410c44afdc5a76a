package io.jepastream.trainer.eval;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** A confusion matrix as a picture: the darker a field, the larger its share of the row's class. */
public final class ConfusionPicture {
    private static final int MOST_SIDE = 1600;
    private static final int LARGEST_CELL = 44;
    private static final int SMALLEST_NAMED_CELL = 9;
    private static final int SMALLEST_COUNTED_CELL = 20;
    private static final int MOST_NAME = 220;
    private static final int EDGE = 14;

    private ConfusionPicture() {}

    /** Writes a PNG. Names are left out where the fields are too small for them. */
    public static void write(ConfusionMatrix matrix, Path file) throws IOException {
        if (!ImageIO.write(draw(matrix), "png", file.toFile())) {
            throw new IOException("picture %s: want a writer of PNG, got none".formatted(file));
        }
    }

    static BufferedImage draw(ConfusionMatrix matrix) {
        int n = matrix.labels().size();
        int cell = Math.max(2, Math.min(LARGEST_CELL, MOST_SIDE / Math.max(1, n)));
        boolean named = cell >= SMALLEST_NAMED_CELL;
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, Math.max(8, Math.min(14, cell - 1)));
        int margin = named ? Math.min(MOST_NAME, widest(matrix, font)) + 2 * EDGE : 3 * EDGE;
        int side = margin + n * cell + EDGE;
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, side, side);
        g.setFont(font);
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                field(g, matrix, row, column, margin, cell);
            }
        }
        g.setColor(Color.DARK_GRAY);
        g.drawRect(margin, margin, n * cell, n * cell);
        if (named) {
            names(g, matrix, margin, cell);
        }
        g.setFont(font.deriveFont(Font.ITALIC, 11f));
        g.drawString("true \u2193  answer \u2192", 3, 12);
        g.dispose();
        return image;
    }

    private static void field(Graphics2D g, ConfusionMatrix matrix, int row, int column, int margin, int cell) {
        int count = matrix.count(row, column);
        double share = count == 0 ? 0 : count / (double) matrix.there(row);
        int x = margin + column * cell;
        int y = margin + row * cell;
        g.setColor(shade(share, row == column));
        g.fillRect(x, y, cell, cell);
        if (cell >= SMALLEST_COUNTED_CELL) {
            g.setColor(new Color(0xE4E4E4));
            g.drawRect(x, y, cell, cell);
            if (count > 0) {
                FontMetrics metrics = g.getFontMetrics();
                String text = Integer.toString(count);
                g.setColor(share > 0.55 ? Color.WHITE : Color.BLACK);
                g.drawString(
                        text,
                        x + (cell - metrics.stringWidth(text)) / 2,
                        y + (cell + metrics.getAscent() - metrics.getDescent()) / 2);
            }
        }
    }

    /** White to blue for right answers, white to red for wrong ones. */
    private static Color shade(double share, boolean right) {
        int[] full = right ? new int[] {24, 84, 160} : new int[] {178, 44, 36};
        int[] rgb = new int[3];
        for (int i = 0; i < 3; i++) {
            rgb[i] = (int) Math.round(255 + (full[i] - 255) * share);
        }
        return new Color(rgb[0], rgb[1], rgb[2]);
    }

    private static void names(Graphics2D g, ConfusionMatrix matrix, int margin, int cell) {
        FontMetrics metrics = g.getFontMetrics();
        int middle = (cell + metrics.getAscent() - metrics.getDescent()) / 2;
        AffineTransform upright = g.getTransform();
        for (int i = 0; i < matrix.labels().size(); i++) {
            String name = cut(matrix.labels().get(i), metrics);
            g.drawString(name, margin - EDGE / 2 - metrics.stringWidth(name), margin + i * cell + middle);
            g.rotate(-Math.PI / 2);
            g.drawString(name, -(margin - EDGE / 2), margin + i * cell + middle);
            g.setTransform(upright);
        }
    }

    private static String cut(String name, FontMetrics metrics) {
        String text = name;
        while (metrics.stringWidth(text) > MOST_NAME && text.length() > 1) {
            text = text.substring(0, text.length() - 1);
        }
        return text;
    }

    private static int widest(ConfusionMatrix matrix, Font font) {
        BufferedImage scrap = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = scrap.createGraphics();
        FontMetrics metrics = g.getFontMetrics(font);
        int widest =
                matrix.labels().stream().mapToInt(metrics::stringWidth).max().orElse(0);
        g.dispose();
        return widest;
    }
}
