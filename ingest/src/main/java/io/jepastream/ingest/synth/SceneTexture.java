package io.jepastream.ingest.synth;

import java.util.Random;

/**
 * A square world of packed colours that repeats in both directions: noise of several octaves under checkers, stripes,
 * blobs or hardly anything. Kept at halved sizes too, so that a camera may look at it from near and far.
 */
final class SceneTexture {
    /** Side of the world, texels; a power of two. */
    static final int SIZE = 512;

    private static final int LEVELS = 6;

    private final int[][] levels = new int[LEVELS][];

    SceneTexture(long seed, Surface surface) {
        Random random = Seeds.random(seed, 1);
        int[] base = surface == Surface.GRAIN ? grain(random) : varied(random);
        levels[0] = base;
        for (int level = 1; level < LEVELS; level++) {
            levels[level] = halved(levels[level - 1], SIZE >> (level - 1));
        }
    }

    /** Three octaves of equal strength, each with features of 32, 16 and 8 texels. */
    private static int[] grain(Random random) {
        float[] sum = new float[SIZE * SIZE];
        for (int cells = 16; cells <= 64; cells *= 2) {
            octave(random, cells, 1, sum);
        }
        int[] base = new int[SIZE * SIZE];
        for (int i = 0; i < base.length; i++) {
            int grey = (int) Math.max(8, Math.min(247, 128 + 190 * (sum[i] - 1.5f)));
            base[i] = grey << 16 | grey << 8 | grey;
        }
        return base;
    }

    private static int[] varied(Random random) {
        double contrast = random.nextInt(4) == 0 ? Seeds.between(random, 0.25, 0.45) : Seeds.between(random, 0.5, 1);
        Palette palette = new Palette(random, contrast);
        Style style = random.nextInt(3) == 0 ? Style.LEAVES : Style.values()[random.nextInt(Style.values().length)];
        float[] noise = noise(random, style == Style.SPARSE ? 0.5 : Seeds.between(random, 0.5, 0.72));
        int[] base = new int[SIZE * SIZE];
        style.paint(random, noise, palette, base);
        if (style == Style.BLOBS || style == Style.SPARSE) {
            blobs(random, style == Style.SPARSE ? 14 + random.nextInt(14) : 60 + random.nextInt(80), contrast, base);
        }
        if (style == Style.LEAVES) {
            leaves(random, contrast, noise, base);
        }
        return base;
    }

    private enum Style {
        CLOUDS,
        CHECKERS,
        STRIPES,
        BLOBS,
        SPARSE,
        /** Things before things: flat or shaded patches of all sizes that cover each other, as in photographs. */
        LEAVES;

        void paint(Random random, float[] noise, Palette palette, int[] to) {
            int cell = 16 << random.nextInt(3);
            int wavesX = random.nextInt(13) - 6;
            int wavesY = 3 + random.nextInt(6);
            float strength = (float) Seeds.between(random, 0.3, 0.6);
            float base = (float) Seeds.between(random, 0.2, 0.8);
            for (int y = 0, at = 0; y < SIZE; y++) {
                for (int x = 0; x < SIZE; x++, at++) {
                    float value = switch (this) {
                        case CLOUDS, BLOBS, LEAVES -> noise[at];
                        case CHECKERS -> mix(((x / cell + y / cell) & 1), noise[at], strength);
                        case STRIPES -> mix(triangle(wavesX * x + wavesY * y), noise[at], strength);
                        case SPARSE -> base + 0.25f * (noise[at] - 0.5f);
                    };
                    to[at] = palette.at(value);
                }
            }
        }

        private static float mix(float pattern, float noise, float strength) {
            return pattern * strength + noise * (1 - strength);
        }

        /** A wave of period SIZE between 0 and 1. */
        private static float triangle(int phase) {
            return Math.abs((phase & (SIZE - 1)) - SIZE / 2) / (SIZE / 2f);
        }
    }

    /** Value noise, octaves of 4 to 128 cells a side, spread over 0 to 1. */
    private static float[] noise(Random random, double roughness) {
        float[] sum = new float[SIZE * SIZE];
        double amplitude = 1;
        for (int cells = 4; cells <= 128; cells *= 2) {
            octave(random, cells, (float) amplitude, sum);
            amplitude *= roughness;
        }
        float low = Float.MAX_VALUE;
        float high = -Float.MAX_VALUE;
        for (float value : sum) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        for (int i = 0; i < sum.length; i++) {
            // The extremes are rare: stretch, and let the palette clamp them.
            sum[i] = 0.5f + 1.5f * ((sum[i] - low) / (high - low) - 0.5f);
        }
        return sum;
    }

    private static void octave(Random random, int cells, float amplitude, float[] sum) {
        float[] lattice = new float[cells * cells];
        for (int i = 0; i < lattice.length; i++) {
            lattice[i] = random.nextFloat() * amplitude;
        }
        int step = SIZE / cells;
        float[] ease = new float[step];
        for (int i = 0; i < step; i++) {
            float f = (float) i / step;
            ease[i] = f * f * (3 - 2 * f);
        }
        for (int y = 0, at = 0; y < SIZE; y++) {
            int row = y / step * cells;
            int below = (y / step + 1) % cells * cells;
            float down = ease[y % step];
            for (int cell = 0; cell < cells; cell++) {
                int next = (cell + 1) % cells;
                float left = lattice[row + cell] + down * (lattice[below + cell] - lattice[row + cell]);
                float right = lattice[row + next] + down * (lattice[below + next] - lattice[row + next]);
                for (int i = 0; i < step; i++) {
                    sum[at++] += left + ease[i] * (right - left);
                }
            }
        }
    }

    private static void blobs(Random random, int count, double contrast, int[] to) {
        Palette palette = new Palette(random, Math.max(0.4, contrast));
        for (int n = 0; n < count; n++) {
            int radius = 4 + random.nextInt(22);
            int centreX = random.nextInt(SIZE);
            int centreY = random.nextInt(SIZE);
            int colour = palette.at(random.nextFloat());
            for (int dy = -radius; dy <= radius; dy++) {
                for (int dx = -radius; dx <= radius; dx++) {
                    if (dx * dx + dy * dy <= radius * radius) {
                        to[((centreY + dy) & (SIZE - 1)) * SIZE + ((centreX + dx) & (SIZE - 1))] = colour;
                    }
                }
            }
        }
    }

    private static void leaves(Random random, double contrast, float[] noise, int[] to) {
        for (int n = 150 + random.nextInt(300); n > 0; n--) {
            Palette palette = new Palette(random, Math.max(0.4, contrast));
            double size = 4 / Math.max(0.05, random.nextDouble()); // many small ones, few large ones
            int halfWidth = (int) (size * Seeds.between(random, 0.5, 1.5)) + 1;
            int halfHeight = (int) (size * Seeds.between(random, 0.5, 1.5)) + 1;
            boolean round = random.nextBoolean();
            float grain = random.nextInt(3) == 0 ? random.nextFloat() : 0;
            float shade = random.nextFloat() - 0.5f;
            float base = random.nextFloat();
            int centreX = random.nextInt(SIZE);
            int centreY = random.nextInt(SIZE);
            for (int dy = -halfHeight; dy <= halfHeight; dy++) {
                float y = (float) dy / halfHeight;
                int row = ((centreY + dy) & (SIZE - 1)) * SIZE;
                for (int dx = -halfWidth; dx <= halfWidth; dx++) {
                    float x = (float) dx / halfWidth;
                    if (!round || x * x + y * y <= 1) {
                        int at = row + ((centreX + dx) & (SIZE - 1));
                        to[at] = palette.at(base + shade * y + grain * (noise[at] - 0.5f));
                    }
                }
            }
        }
    }

    private static int[] halved(int[] from, int side) {
        int half = side / 2;
        int[] to = new int[half * half];
        for (int y = 0, at = 0; y < half; y++) {
            for (int x = 0; x < half; x++) {
                int i = 2 * y * side + 2 * x;
                int top = Palette.blend(from[i], from[i + 1], 128);
                to[at++] = Palette.blend(top, Palette.blend(from[i + side], from[i + side + 1], 128), 128);
            }
        }
        return to;
    }

    /** Paints what the camera sees into packed pixels, row by row. */
    void render(View view, int width, int height, int[] to) {
        double step = view.span() / width;
        double octaves = Math.max(0, Math.min(LEVELS - 1.01, StrictMath.log(step) / StrictMath.log(2)));
        int level = (int) octaves;
        int weight = (int) ((octaves - level) * 256);
        double stepX = step * StrictMath.cos(view.angle());
        double stepY = step * StrictMath.sin(view.angle());
        int acrossX = (int) Math.round(stepX * 65536);
        int acrossY = (int) Math.round(stepY * 65536);
        for (int y = 0, at = 0; y < height; y++) {
            double down = y - (height - 1) / 2.0;
            double left = -(width - 1) / 2.0;
            int u = fixed(view.x() + stepX * left - stepY * down);
            int v = fixed(view.y() + stepY * left + stepX * down);
            for (int x = 0; x < width; x++, u += acrossX, v += acrossY) {
                int colour = sample(level, u, v);
                to[at++] = weight < 8 ? colour : Palette.blend(colour, sample(level + 1, u, v), weight);
            }
        }
    }

    /** Texels to 16.16 fixed point, within the first repetition of the world. */
    private static int fixed(double texels) {
        return (int) Math.round((texels - SIZE * Math.floor(texels / SIZE)) * 65536);
    }

    /** The colour at a place, bilinear in one level; 16.16 fixed point, the centre of a texel at its half. */
    private int sample(int level, int u, int v) {
        int[] texels = levels[level];
        int mask = (SIZE >> level) - 1;
        int shift = 9 - level;
        int x = (u >> level) - 0x8000;
        int y = (v >> level) - 0x8000;
        int left = (x >> 16) & mask;
        int right = (left + 1) & mask;
        int top = ((y >> 16) & mask) << shift;
        int bottom = (((y >> 16) + 1) & mask) << shift;
        int across = (x >> 8) & 0xFF;
        int upper = Palette.blend(texels[top + left], texels[top + right], across);
        int lower = Palette.blend(texels[bottom + left], texels[bottom + right], across);
        return Palette.blend(upper, lower, (y >> 8) & 0xFF);
    }
}
