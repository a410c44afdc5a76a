package io.jepastream.ingest.clip;

import static io.jepastream.ingest.clip.Frames.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.GapReason;
import io.jepastream.ingest.wire.WireException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClipAssemblerTest {
    private static final long T0 = 946_684_800 * SECOND;
    private static final long FRAME = SECOND / 10;

    private final List<Clip> clips = new ArrayList<>();
    private final List<ClipGap> gaps = new ArrayList<>();
    private final MemoryCameraStore store = new MemoryCameraStore();
    private ClipAssembler assembler = new ClipAssembler(ClipConfig.defaults());

    @Test
    void thirtySecondsAtTenFrames_areTenClipsAndNoGap() throws WireException {
        feed(1, T0, T0 + 30 * SECOND);
        accept(Frames.end("cam", 1, T0 + 30 * SECOND));

        assertThat(starts(clips)).hasSize(10).startsWith(0L, 3L).endsWith(27L);
        assertThat(gaps).isEmpty();
        assertThat(clips.get(3).getFrameTimes()).hasSize(16).isSorted();
        assertThat(clips.get(3).getSourceFrames()).isEqualTo(30);
        assertThat(clips.get(3).getMissing()).isEmpty();
        assertThat(store.pictures()).isZero();
    }

    @Test
    void tailThatIsTooShort_isOneGapWithWhatWasSeen() throws WireException {
        feed(1, T0, T0 + 4 * SECOND);
        accept(Frames.end("cam", 1, T0 + 4 * SECOND));

        assertThat(starts(clips)).containsExactly(0L);
        assertThat(gaps).singleElement().satisfies(gap -> {
            assertThat(gap.getStart()).isEqualTo(T0 + 3 * SECOND);
            assertThat(gap.getEnd()).isEqualTo(T0 + 6 * SECOND);
            assertThat(gap.getReason()).isEqualTo(GapReason.TOO_FEW);
            assertThat(gap.getFramesSeen()).isEqualTo(10);
            assertThat(gap.getSlotsFilled()).isEqualTo(5);
        });
    }

    @Test
    void emptySlots_repeatTheNearestFrame_andAreNamed() throws WireException {
        for (int slot = 0; slot < 16; slot++) {
            if (slot != 0 && slot != 7 && slot != 8 && slot != 15) {
                accept(Frames.at("cam", 1, slot, T0 + slot * 187_500L));
            }
        }
        accept(Frames.end("cam", 1, T0 + 3 * SECOND));

        Clip clip = clips.get(0);
        assertThat(clip.getMissing()).containsExactly(0, 7, 8, 15);
        assertThat(clip.getFrames().stream().map(ClipFrame::getSource))
                .containsExactly(1, -1, -1, -1, -1, -1, -1, 6, 9, -1, -1, -1, -1, -1, -1, 14);
        assertThat(clip.getFrames().get(7).getData().remaining()).isZero();
        assertThat(clip.getFrameTimes().get(7)).isEqualTo(T0 + 6 * 187_500L);
    }

    @Test
    void silence_isOneGapPerWindow_whenTicksBringTheTime() throws WireException {
        feed(1, T0, T0 + 3 * SECOND);
        for (long t = T0 + 3 * SECOND; t <= T0 + 13 * SECOND; t += SECOND) {
            accept(Frames.tick("cam", 1, t));
        }

        assertThat(starts(clips)).containsExactly(0L);
        assertThat(gaps).extracting(gap -> (gap.getStart() - T0) / SECOND).containsExactly(3L, 6L, 9L);
        assertThat(gaps).allMatch(gap -> gap.getReason() == GapReason.NO_FRAMES && gap.getFramesSeen() == 0);
    }

    @Test
    void shedAndUndecodableFrames_areTheReasonOfTheirGap() throws WireException {
        accept(Frames.builder("cam", 1, 0, T0 + SECOND).setShed(7).build());
        accept(Frames.builder("cam", 1, 1, T0 + 4 * SECOND)
                .setDecodeErrors(2)
                .setShed(1)
                .build());
        accept(Frames.end("cam", 1, T0 + 6 * SECOND));

        assertThat(gaps).extracting(ClipGap::getReason).containsExactly(GapReason.SHED, GapReason.DECODE_ERROR);
    }

    @Test
    void duplicatesLateAndStaleFrames_areToldApart() throws WireException {
        feed(5, T0, T0 + 4 * SECOND);

        assertThat(accept(Frames.at("cam", 5, 99, T0 + 39 * FRAME))).isEqualTo(Verdict.DUPLICATE);
        assertThat(accept(Frames.at("cam", 5, 99, T0 + FRAME + 1))).isEqualTo(Verdict.LATE);
        assertThat(accept(Frames.at("cam", 4, 99, T0 + 4 * SECOND))).isEqualTo(Verdict.STALE);
        accept(Frames.end("cam", 5, T0 + 4 * SECOND));
        assertThat(accept(Frames.at("cam", 5, 99, T0 + 5 * SECOND))).isEqualTo(Verdict.STALE);
    }

    @Test
    void strayFrameOfAnHourAgoOrAhead_changesNothing() throws WireException {
        feed(1, T0, T0 + 2 * SECOND);
        assertThat(accept(Frames.at("cam", 1, 500, T0 - 3600 * SECOND))).isEqualTo(Verdict.SUSPECT);
        feed(1, T0 + 2 * SECOND, T0 + 4 * SECOND);
        assertThat(accept(Frames.at("cam", 1, 501, T0 + 3600 * SECOND))).isEqualTo(Verdict.SUSPECT);
        feed(1, T0 + 4 * SECOND, T0 + 6 * SECOND);
        accept(Frames.end("cam", 1, T0 + 6 * SECOND));

        assertThat(starts(clips)).containsExactly(0L, 3L);
        assertThat(gaps).isEmpty();
        assertThat(store.pictures()).isZero();
    }

    @Test
    void clockThatJumpsAnHourAhead_goesOnThere_andTheHourIsOneRunOfGaps() throws WireException {
        feed(1, T0, T0 + 3 * SECOND);
        feed(1, T0 + 3600 * SECOND, T0 + 3603 * SECOND);
        accept(Frames.end("cam", 1, T0 + 3603 * SECOND));

        assertThat(starts(clips)).containsExactly(0L, 3600L);
        assertThat(gaps).hasSize(1199);
    }

    @Test
    void clockThatJumpsAnHourBack_goesOnThere() throws WireException {
        feed(1, T0, T0 + 3 * SECOND);
        feed(1, T0 - 3600 * SECOND, T0 - 3597 * SECOND);
        accept(Frames.end("cam", 1, T0 - 3597 * SECOND));

        assertThat(starts(clips)).containsExactly(0L, -3600L);
        assertThat(gaps).isEmpty();
    }

    @Test
    void stopOfADay_isOneRecordThatSaysHowManyWindows() throws WireException {
        feed(1, T0, T0 + 3 * SECOND);
        feed(2, T0 + 86400 * SECOND, T0 + 86403 * SECOND);
        accept(Frames.end("cam", 2, T0 + 86403 * SECOND));

        assertThat(gaps).singleElement().satisfies(gap -> {
            assertThat(gap.getWindows()).isEqualTo(28799);
            assertThat(gap.getStart()).isEqualTo(T0 + 3 * SECOND);
            assertThat(gap.getEnd()).isEqualTo(T0 + 86400 * SECOND);
        });
    }

    @Test
    void captureThatStartsAgainWithinAWindow_namesTheWindowOnce() throws WireException {
        feed(1, T0, T0 + SECOND);
        feed(2, T0 + 2 * SECOND, T0 + 6 * SECOND);
        accept(Frames.end("cam", 2, T0 + 6 * SECOND));

        assertThat(starts(clips)).containsExactly(3L);
        assertThat(gaps).extracting(ClipGap::getStart).containsExactly(T0);
    }

    @Test
    void footageThatIsReplayedAfterItsEnd_givesItsClipsAgain() throws WireException {
        feed(1, T0, T0 + 3 * SECOND);
        accept(Frames.end("cam", 1, T0 + 3 * SECOND));
        feed(2, T0, T0 + 3 * SECOND);
        accept(Frames.end("cam", 2, T0 + 3 * SECOND));

        assertThat(starts(clips)).containsExactly(0L, 0L);
    }

    @Test
    void overlappingWindows_shareTheirFrames() throws WireException {
        assembler =
                new ClipAssembler(ClipConfig.defaults().toBuilder().hopSlots(8).build());
        feed(1, T0, T0 + 6 * SECOND);
        accept(Frames.end("cam", 1, T0 + 6 * SECOND));

        assertThat(clips)
                .extracting(clip -> (clip.getStart() - T0) / (SECOND / 2))
                .containsExactly(0L, 3L, 6L);
        assertThat(gaps).extracting(gap -> (gap.getStart() - T0) / (SECOND / 2)).containsExactly(-3L, 9L);
        assertThat(clips.get(1).getFrames().get(0))
                .isEqualTo(clips.get(0).getFrames().get(8));
        assertThat(store.pictures()).isZero();
    }

    @Test
    void hopLongerThanTheWindow_leavesTimeOut() throws WireException {
        assembler =
                new ClipAssembler(ClipConfig.defaults().toBuilder().hopSlots(32).build());
        feed(1, T0, T0 + 12 * SECOND);
        accept(Frames.end("cam", 1, T0 + 12 * SECOND));

        assertThat(starts(clips)).containsExactly(0L, 6L);
        assertThat(gaps).isEmpty();
        assertThat(store.pictures()).isZero();
    }

    @Test
    void timeOutsideTheCalendar_isRefused_andChangesNothing() throws WireException {
        feed(1, T0, T0 + SECOND);
        byte[] before = store.state().orElseThrow().toBytes();

        assertThatThrownBy(() -> accept(Frames.at("cam", 1, 9, Long.MAX_VALUE)))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("got " + Long.MAX_VALUE);
        assertThat(store.state().orElseThrow().toBytes()).isEqualTo(before);
    }

    @Test
    void state_survivesItsBytes() throws WireException {
        feed(1, T0, T0 + 2 * SECOND);
        accept(Frames.at("cam", 1, 500, T0 - 3600 * SECOND));
        byte[] bytes = store.state().orElseThrow().toBytes();

        assertThat(CameraState.of(bytes).toBytes()).isEqualTo(bytes);
        assertThat(bytes.length).isLessThan(1024);
    }

    @Test
    void configThatCannotBe_isRefusedByName() {
        assertThatThrownBy(
                        () -> ClipConfig.defaults().toBuilder().maxMissing(16).build())
                .hasMessageContaining("max-missing: want 0 to 15, got 16");
        assertThatThrownBy(() -> ClipConfig.defaults().toBuilder()
                        .length(Duration.ofNanos(1_000_001_000))
                        .build())
                .hasMessageContaining("whole number of microseconds per slot");
    }

    private void feed(long session, long from, long to) throws WireException {
        for (long t = from; t < to; t += FRAME) {
            accept(Frames.at("cam", session, (t - T0) / FRAME, t));
        }
    }

    private Verdict accept(Frame frame) throws WireException {
        return assembler.accept(frame, store, new Collector(clips, gaps));
    }

    private static List<Long> starts(List<Clip> clips) {
        return clips.stream().map(clip -> (clip.getStart() - T0) / SECOND).toList();
    }
}
