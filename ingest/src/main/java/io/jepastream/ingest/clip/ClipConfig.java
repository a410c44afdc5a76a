package io.jepastream.ingest.clip;

import java.time.Duration;
import java.util.Locale;

/**
 * How windows lie on time and what fills them.
 *
 * @param length of a window; a whole number of microseconds per slot; default 3 s
 * @param slots pictures in a clip; default 16, from 1 to 256
 * @param hopSlots distance between the starts of windows, in slots; default {@code slots} (no overlap), from 1 to 4096
 * @param maxMissing most empty slots of a clip; a window with more becomes a gap; default 4, below {@code slots}
 * @param lateness how much longer than its end a window waits for frames, in the camera's own time; default 500 ms
 * @param maxJump farthest step of a camera's clock, either way, that still counts as the same run of time; default 30 s
 * @param maxGapRecords most records written for the windows that one long stop of a capture skipped; a longer stop is one
 *     record; default 1200 (an hour of 3 s windows)
 */
public record ClipConfig(
        Duration length,
        int slots,
        int hopSlots,
        int maxMissing,
        Duration lateness,
        Duration maxJump,
        int maxGapRecords) {
    /** Checks every bound. */
    public ClipConfig {
        require(slots >= 1 && slots <= 256, "slots: want 1 to 256, got %d", slots);
        long micros = micros(length);
        require(micros > 0 && micros <= micros(Duration.ofMinutes(10)), "length: want up to 10 min, got %s", length);
        require(
                micros % slots == 0,
                "length: want a whole number of microseconds per slot, got %s / %d",
                length,
                slots);
        require(hopSlots >= 1 && hopSlots <= 4096, "hop: want 1 to 4096 slots, got %d", hopSlots);
        require(maxMissing >= 0 && maxMissing < slots, "max-missing: want 0 to %d, got %d", slots - 1, maxMissing);
        require(!lateness.isNegative(), "lateness: want 0 or more, got %s", lateness);
        require(lateness.compareTo(Duration.ofHours(1)) <= 0, "lateness: want up to 1 h, got %s", lateness);
        require(micros(maxJump) >= micros, "max-jump: want at least the length %s, got %s", length, maxJump);
        require(maxJump.compareTo(Duration.ofHours(24)) <= 0, "max-jump: want up to 24 h, got %s", maxJump);
        require(maxGapRecords >= 1, "max-gap-records: want 1 or more, got %d", maxGapRecords);
    }

    /** The defaults. */
    public static ClipConfig defaults() {
        return new Builder().build();
    }

    /** A builder that holds these values. */
    public Builder toBuilder() {
        return new Builder()
                .length(length)
                .slots(slots)
                .hopSlots(hopSlots)
                .maxMissing(maxMissing)
                .lateness(lateness)
                .maxJump(maxJump)
                .maxGapRecords(maxGapRecords);
    }

    /**
     * Most pictures that are kept of one camera, whatever it sends: one for each slot from the first window that is not written yet
     * to the newest frame, and one that waits for a jump of its clock to be confirmed.
     */
    public int mostPictures() {
        long open = micros(length) + micros(lateness);
        return Math.toIntExact((open + slotMicros() - 1) / slotMicros() + 1 + 1);
    }

    /** Length of a slot, microseconds. */
    long slotMicros() {
        return micros(length) / slots;
    }

    /** Slot that this instant falls into; slots count from the epoch. */
    long slotOf(long micros) {
        return Math.floorDiv(micros, slotMicros());
    }

    /** First window that is not over before this slot. */
    long firstWindowReaching(long slot) {
        return Math.floorDiv(slot - slots, (long) hopSlots) + 1;
    }

    /** First slot of a window. */
    long firstSlot(long window) {
        return Math.multiplyExact(window, (long) hopSlots);
    }

    /** Start of a window, epoch microseconds. */
    long startMicros(long window) {
        return firstSlot(window) * slotMicros();
    }

    /** End of a window, epoch microseconds. */
    long endMicros(long window) {
        return (firstSlot(window) + slots) * slotMicros();
    }

    static long micros(Duration duration) {
        return Math.addExact(Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1000);
    }

    private static void require(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
        }
    }

    /** Defaults live here and nowhere else. */
    public static final class Builder {
        private Duration length = Duration.ofSeconds(3);
        private int slots = 16;
        private int hopSlots;
        private int maxMissing = 4;
        private Duration lateness = Duration.ofMillis(500);
        private Duration maxJump = Duration.ofSeconds(30);
        private int maxGapRecords = 1200;

        /** Length of a window. */
        public Builder length(Duration value) {
            length = value;
            return this;
        }

        /** Pictures in a clip. */
        public Builder slots(int value) {
            slots = value;
            return this;
        }

        /** Distance between window starts, in slots; 0 means no overlap. */
        public Builder hopSlots(int value) {
            hopSlots = value;
            return this;
        }

        /** Most empty slots of a clip. */
        public Builder maxMissing(int value) {
            maxMissing = value;
            return this;
        }

        /** How long a window waits past its end. */
        public Builder lateness(Duration value) {
            lateness = value;
            return this;
        }

        /** Farthest step within one run of time. */
        public Builder maxJump(Duration value) {
            maxJump = value;
            return this;
        }

        /** Most gap records for one stop. */
        public Builder maxGapRecords(int value) {
            maxGapRecords = value;
            return this;
        }

        /** The configuration; throws IllegalArgumentException naming the bound that does not hold. */
        public ClipConfig build() {
            return new ClipConfig(
                    length, slots, hopSlots == 0 ? slots : hopSlots, maxMissing, lateness, maxJump, maxGapRecords);
        }
    }
}
