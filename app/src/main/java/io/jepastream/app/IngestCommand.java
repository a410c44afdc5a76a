package io.jepastream.app;

import picocli.CommandLine.Command;

/** Stub while wiring. */
@Command(name = "ingest")
final class IngestCommand {}
