package io.jepastream.app.selftest;

/**
 * A record as the comparison sees it.
 *
 * @param group what is ordered: a camera, in dead letters also the stage
 * @param name of the record in its group: when the clip starts, or which record is dead
 * @param digest SHA-256 of key, value, time and headers, hexadecimal
 * @param where partition and offset; empty for what is expected
 */
record Entry(String group, String name, String digest, String where) {}
