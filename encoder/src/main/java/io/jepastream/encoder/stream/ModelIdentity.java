package io.jepastream.encoder.stream;

/**
 * Who made an embedding.
 *
 * @param name of the model bundle
 * @param digest SHA-256 of its weights and configuration, hexadecimal
 * @param preprocessing version of the preprocessing specification
 * @param precision of the arithmetic
 * @param pooling how tokens became vectors
 */
public record ModelIdentity(String name, String digest, String preprocessing, String precision, String pooling) {}
