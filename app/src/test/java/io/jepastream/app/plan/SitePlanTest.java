package io.jepastream.app.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SitePlanTest {
    private static final EncoderConfig LARGE =
            EncoderConfig.builder(Family.VJEPA1, "vit_large").build();

    private static Demand site(long cameras, double fps, Duration hop) {
        return new Demand(cameras, fps, 30_000, 16, Duration.ofSeconds(3), hop, 3, 1, Duration.ofHours(24), LARGE);
    }

    private static SitePlan plan(Demand site, String gpu) throws IOException {
        return new SitePlan(site, PlanConstants.read(), gpu);
    }

    @Test
    void rates_followFromCamerasFramesAndHop() throws IOException {
        Demand site = site(300, 10, Duration.ofSeconds(3));
        assertThat(site.frames()).isEqualTo(3000);
        assertThat(site.clips()).isEqualTo(100);
        assertThat(site.keptPictures()).isEqualTo(1600); // a picture a slot of 187.5 ms
        SitePlan plan = plan(site, "h200");
        assertThat(plan.framesBytes()).isBetween(3000 * 30_000.0, 3000 * 30_500.0);
        assertThat(plan.clipsBytes()).isBetween(100 * 480_000.0, 100 * 485_000.0);
    }

    @Test
    void slowCameras_fillClipsWithFewerPictures() {
        Demand site = site(1, 2, Duration.ofSeconds(3));
        assertThat(site.keptPictures()).isEqualTo(2);
        assertThat(site.picturesOfAClip()).isEqualTo(6);
    }

    @Test
    void everythingButTheLeastBrokers_growsWithTheCameras() throws IOException {
        SitePlan one = plan(site(1000, 10, Duration.ofSeconds(3)), "h200");
        SitePlan ten = plan(site(10_000, 10, Duration.ofSeconds(3)), "h200");
        assertThat(ten.written()).isCloseTo(10 * one.written(), within(1.0));
        assertThat(ten.devices()).isCloseTo(10 * one.devices(), within(1e-6));
        assertThat(ten.brokers()).isGreaterThan(8 * one.brokers());
        assertThat(plan(site(1, 10, Duration.ofSeconds(3)), "h200").brokers()).isEqualTo(3);
    }

    @Test
    void clipsThatOverlap_costTheModelAndNotTheAssembler() throws IOException {
        SitePlan apart = plan(site(1000, 10, Duration.ofSeconds(3)), "h200");
        SitePlan over = plan(site(1000, 10, Duration.ofMillis(1500)), "h200");
        assertThat(over.devices()).isCloseTo(2 * apart.devices(), within(1e-6));
        assertThat(over.assembleCores()).isEqualTo(apart.assembleCores());
    }

    @Test
    void partitions_areAPowerOfTwo_forAllThreads() throws IOException {
        for (long cameras : List.of(1L, 10L, 3000L, 100_000L)) {
            SitePlan plan = plan(site(cameras, 10, Duration.ofSeconds(3)), "h200");
            assertThat(Long.bitCount(plan.partitions())).isEqualTo(1);
            assertThat(plan.partitions()).isGreaterThanOrEqualTo((long) plan.assembleCores());
        }
    }

    @Test
    void theTable_hasEveryConstant_andSaysWhereItIsFrom() throws IOException {
        PlanConstants constants = PlanConstants.read();
        assertThat(constants.gpus()).contains("h200");
        assertThat(constants.rows()).allSatisfy(row -> {
            assertThat(row.value()).as(row.name()).isPositive();
            assertThat(row.source()).as(row.name()).matches("(measured|datasheet|assumed|default|setting)\\b.*");
        });
        for (String gpu : constants.gpus()) {
            Demand site = site(100, 10, Duration.ofSeconds(3));
            assertThat(new PlanText(site, new SitePlan(site, constants, gpu), constants, gpu).lines())
                    .anyMatch(line -> line.contains(gpu));
        }
        assertThatThrownBy(() -> constants.get("x")).hasMessageStartingWith("plan: want one of [ingest.frames,");
    }

    @Test
    void impossibleSites_areRefused() {
        assertThatThrownBy(() -> site(0, 10, Duration.ofSeconds(3))).hasMessage("cameras: want 1 to 10000000, got 0");
        assertThatThrownBy(() -> site(1, 0, Duration.ofSeconds(3))).hasMessageStartingWith("fps: want above 0");
        assertThatThrownBy(() -> site(1, 1, Duration.ZERO)).hasMessage("hop: want above 0, got PT0S");
    }
}
