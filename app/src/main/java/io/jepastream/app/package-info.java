/** The {@code jepa} command line: one class per command, and the embedded broker. */
@NullMarked
package io.jepastream.app;

import org.jspecify.annotations.NullMarked;
