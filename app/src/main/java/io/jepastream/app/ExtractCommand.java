package io.jepastream.app;

import picocli.CommandLine.Command;

/** Stub while wiring. */
@Command(name = "extract")
final class ExtractCommand {}
