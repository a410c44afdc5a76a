/** The stages together in one process, and what watches them. */
@NullMarked
package io.jepastream.app.pipeline;

import org.jspecify.annotations.NullMarked;
