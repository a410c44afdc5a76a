/** The fault harness: seeded footage, random faults on real processes, and a comparison with the ground truth. */
@NullMarked
package io.jepastream.app.selftest;

import org.jspecify.annotations.NullMarked;
