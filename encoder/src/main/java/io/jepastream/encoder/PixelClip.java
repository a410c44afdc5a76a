package io.jepastream.encoder;

/** Stand-in. */
public final class PixelClip {}
