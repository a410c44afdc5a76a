package io.jepastream.ingest.media;

/** Pictures for tests. */
public final class Pictures {
    private Pictures() {}

    /** A smooth coloured picture with some structure that moves with {@code step}. */
    public static Picture waves(int width, int height, int step) {
        byte[] planes = new byte[3 * width * height];
        int at = 0;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double v = 128
                            + 60 * Math.sin((x + 2 * step) * 0.07 * (c + 1))
                            + 50 * Math.cos(y * 0.05 * (3 - c) + step * 0.1);
                    planes[at++] = (byte) Math.max(0, Math.min(255, Math.round(v)));
                }
            }
        }
        return new Picture(width, height, planes);
    }

    /** Peak signal to noise ratio of two pictures of one size, dB; infinite when they are equal. */
    public static double psnr(Picture a, Picture b) {
        double sum = 0;
        for (int i = 0; i < a.planes().length; i++) {
            int d = (a.planes()[i] & 0xFF) - (b.planes()[i] & 0xFF);
            sum += (double) d * d;
        }
        return 10 * Math.log10(255.0 * 255.0 * a.planes().length / sum);
    }
}
