package io.jepastream.trainer.augment;

import io.jepastream.ingest.media.Picture;

/** The operations of RandAugment, in timm's "increasing" form: a larger magnitude changes the picture more. */
enum Operation {
    AUTO_CONTRAST,
    EQUALIZE,
    INVERT,
    ROTATE,
    POSTERIZE,
    SOLARIZE,
    SOLARIZE_ADD,
    COLOR,
    CONTRAST,
    BRIGHTNESS,
    SHARPNESS,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y;

    /** The largest magnitude. */
    static final double MOST = 10;

    /**
     * What an operation is told at a magnitude.
     *
     * @param magnitude 0 to {@link #MOST}
     * @param sign 1 or -1; for those that have two directions
     * @return degrees of ROTATE, bits of POSTERIZE, the threshold of SOLARIZE, the levels of SOLARIZE_ADD, the factor of
     *     COLOR to SHARPNESS and of the shears, the part of the picture of the translations; 0 for the others
     */
    double argument(double magnitude, int sign) {
        double part = magnitude / MOST;
        return switch (this) {
            case AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case ROTATE -> sign * 30 * part;
            case POSTERIZE -> 4 - (int) (4 * part);
            case SOLARIZE -> 256 - (int) (256 * part);
            case SOLARIZE_ADD -> (int) (110 * part);
            case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS -> 1 + sign * 0.9 * part;
            case SHEAR_X, SHEAR_Y -> sign * 0.3 * part;
            case TRANSLATE_X, TRANSLATE_Y -> sign * 0.45 * part;
        };
    }

    /** A picture changed by what {@link #argument} gave. */
    Picture apply(Picture picture, double argument) {
        byte[] from = picture.planes();
        int width = picture.width();
        int height = picture.height();
        byte[] to = switch (this) {
            case AUTO_CONTRAST -> Tone.autoContrast(from);
            case EQUALIZE -> Tone.equalize(from);
            case INVERT -> Tone.invert(from);
            case POSTERIZE -> Tone.posterize(from, (int) argument);
            case SOLARIZE -> Tone.solarize(from, (int) argument);
            case SOLARIZE_ADD -> Tone.solarizeAdd(from, (int) argument);
            case COLOR -> Blend.color(from, argument);
            case CONTRAST -> Blend.contrast(from, argument);
            case BRIGHTNESS -> Blend.brightness(from, argument);
            case SHARPNESS -> Blend.sharpness(from, width, height, argument);
            case ROTATE -> Affine.rotation(argument, width, height).apply(from, width, height);
            case SHEAR_X -> Affine.shearX(argument).apply(from, width, height);
            case SHEAR_Y -> Affine.shearY(argument).apply(from, width, height);
            case TRANSLATE_X -> Affine.translation(argument * width, 0).apply(from, width, height);
            case TRANSLATE_Y -> Affine.translation(0, argument * height).apply(from, width, height);
        };
        return new Picture(width, height, to);
    }
}
