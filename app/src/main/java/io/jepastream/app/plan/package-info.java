/** What a site of many cameras needs, from measured constants. */
@NullMarked
package io.jepastream.app.plan;

import org.jspecify.annotations.NullMarked;
