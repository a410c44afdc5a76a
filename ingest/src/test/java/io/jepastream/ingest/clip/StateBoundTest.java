package io.jepastream.ingest.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is kept of one camera is bounded, whatever it sends. */
class StateBoundTest {
    private static final int BYTES_OF_A_MARK = 541; // slot, 64 times and their number, and five counts
    private static final int BYTES_BESIDE = 39;
    private static final int FRAMES = 40_000;

    private static final ClipSink NOWHERE = new ClipSink() {
        @Override
        public void clip(Clip clip) {}

        @Override
        public void gap(ClipGap gap) {}
    };

    @Test
    void defaults_keepTwentyOnePictures() {
        assertThat(ClipConfig.defaults().mostPictures()).isEqualTo(21);
    }

    @Test
    void anyOrderOfFrames_jumpsAndSessions_staysWithinTheBound() throws Exception {
        ClipConfig defaults = ClipConfig.defaults();
        List<ClipConfig> configs = List.of(
                defaults,
                defaults.toBuilder().hopSlots(4).build(),
                defaults.toBuilder().hopSlots(40).build(),
                defaults.toBuilder().lateness(Duration.ofSeconds(7)).build());
        for (ClipConfig config : configs) {
            assertThat(mostPictures(config)).isBetween(config.slots() / 2, config.mostPictures());
        }
    }

    /** Feeds a camera at random, and checks the size of its state after each frame. */
    private static int mostPictures(ClipConfig config) throws Exception {
        Random random = new Random(20261123);
        ClipAssembler assembler = new ClipAssembler(config);
        MemoryCameraStore store = new MemoryCameraStore();
        int mostBytes = BYTES_BESIDE + (config.mostPictures() - 1) * BYTES_OF_A_MARK;
        int most = 0;
        long at = 1_000_000_000L;
        long session = 1;
        for (int i = 0; i < FRAMES; i++) {
            at = next(at, random);
            session += random.nextInt(2000) == 0 ? 1 : 0;
            long shaken = Math.max(0, at + random.nextInt(800_000) - 400_000);
            assembler.accept(frame(session, i, shaken, random), store, NOWHERE);
            most = Math.max(most, store.pictures());
            assertThat(store.state().orElseThrow().toBytes().length).isLessThanOrEqualTo(mostBytes);
        }
        return most;
    }

    private static long next(long at, Random random) {
        return switch (random.nextInt(500)) {
            case 0 -> at + 25_000_000L * random.nextInt(3);
            case 1 -> at + 3_600_000_000L;
            case 2 -> Math.max(1_000_000, at - 3_600_000_000L);
            default -> at + random.nextInt(20_000);
        };
    }

    private static Frame frame(long session, long sequence, long at, Random random) {
        boolean tick = random.nextInt(10) == 0;
        return Frames.builder("cam", session, sequence, at)
                .setWidth(16)
                .setHeight(16)
                .setEncoding(ImageEncoding.RGB24)
                .setData(ByteBuffer.wrap(new byte[tick ? 0 : 768]))
                .setShed(random.nextInt(20) == 0 ? 1 : 0)
                .setEndOfStream(random.nextInt(5000) == 0)
                .build();
    }
}
