package io.jepastream.app;

import picocli.CommandLine.Command;

/** Stub while wiring. */
@Command(name = "encode")
final class EncodeCommand {}
