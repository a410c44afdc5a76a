package io.jepastream.ingest.synth;

/**
 * What the camera sees at one instant: the affine map from the picture to the world.
 *
 * @param x world position of the picture's centre, texels, to the right
 * @param y world position of the picture's centre, texels, down
 * @param span width of the picture in the world, texels
 * @param angle of the camera about the line of sight, radians
 */
record View(double x, double y, double span, double angle) {}
