package io.jepastream.app;

import picocli.CommandLine.Command;

/** Stub while wiring. */
@Command(name = "model")
final class ModelCommand {}
