package io.jepastream.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.tensor.Precision;
import io.jepastream.ingest.synth.Surface;
import io.jepastream.trainer.data.SynthSet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report says of made-up numbers. */
final class ReportWriterTest {
    @TempDir
    private Path directory;

    private static Study study() {
        return new Study(
                "made-up",
                "Made up",
                "Table 0",
                List.of("K400"),
                List.of(
                        new Variant("first", Pretext.FEATURES, Measure.ATTENTIVE, List.of(73.7)),
                        new Variant("second", Pretext.PIXELS, Measure.ATTENTIVE, List.of(68.6)),
                        new Variant("third", Pretext.RANDOM, Measure.labels(0.05), List.of())),
                List.of(new Study.Ordering(0, 1), new Study.Ordering(1, 2)),
                "Nothing of it is true.");
    }

    private static ReportSettings settings(Long... seeds) {
        return new ReportSettings(
                List.of(study()),
                SynthSet.Task.OBJECT_MOTION,
                Surface.GRAIN,
                100,
                50,
                200,
                List.of(seeds),
                ReportScale.TINY,
                Precision.FP32,
                "jepa evaluate --report r");
    }

    private Results results(double[]... values) throws IOException {
        Results results = new Results(directory, List.of(1L, 2L));
        for (int variant = 0; variant < values.length; variant++) {
            for (int seed = 1; seed <= values[variant].length; seed++) {
                results.finish(
                        study().variants().get(variant).run(seed),
                        Map.of(Results.TOP1, values[variant][seed - 1], Results.SECONDS, 30.0));
            }
        }
        return results;
    }

    private String written(Results results) throws IOException {
        ReportSettings settings = settings(1L, 2L);
        Begun begun = Begun.of(settings, new Estimate(settings, 40));
        new ReportWriter(settings, begun, results, directory).write(Instant.parse("2026-11-23T15:00:00Z"));
        return Files.readString(directory.resolve("report.md"));
    }

    @Test
    void numbersStandBesideThePapers_withMeanAndDeviation() throws IOException {
        Results results = results(new double[] {0.60, 0.70}, new double[] {0.40, 0.48}, new double[] {0.20, 0.20});
        results.finish("features-seed1", Map.of(Results.SECONDS, 90.0, "loss", 0.1234, "effective_rank", 17.0));

        assertThat(written(results))
                .contains("| first | 65.0 ± 7.1 | 2 | 73.7 |")
                .contains("| second | 44.0 ± 5.7 | 2 | 68.6 |")
                .contains("| third | 20.0 ± 0.0 | 2 | - |")
                .contains("**The paper's ordering came out.**")
                .contains("first above second: came out, by +21.0 points (± 1.4 over 2 seeds, more than the spread)")
                .contains("The paper's figures: Table 0. Nothing of it is true.")
                .contains("![Made up](made-up.png)")
                .contains("| command | `jepa evaluate --report r` |")
                .contains("23 November 2026, 15:00 UTC")
                .contains(
                        "object-motion, grain: 10 classes (chance 10.0 %), 100 videos to train with, 50 to measure with")
                .contains("| runs | 7 of 12 done, 5 min |")
                .contains("| features-seed1 | pretraining |  | 90.0 | 0.1234 | 17.0 |")
                .contains("| random-seed2-attentive-5 | attentive-5 | 20.0 | 30.0 |  |  |");
        BufferedImage picture = ImageIO.read(directory.resolve("made-up.png").toFile());
        assertThat(picture.getWidth()).isEqualTo(900);
        assertThat(Files.readAllLines(directory.resolve("report.csv")))
                .hasSize(7)
                .contains(
                        "made-up,\"first\",features,attentive,1,0.6000,30.0,K400 73.7",
                        "made-up,\"third\",random,attentive-5,2,0.2000,30.0,");
    }

    @Test
    void anOrderingThatDidNotComeOut_isSaid() throws IOException {
        assertThat(written(results(new double[] {0.50, 0.60}, new double[] {0.55, 0.64}, new double[] {0.30, 0.20})))
                .contains("**The paper's ordering did not come out: 1 of 2 comparisons did.**")
                .contains("first above second: did not come out, by -4.5 points (± 0.7 over 2 seeds");
    }

    @Test
    void aDifferenceWithinTheSpread_isNotSettled_andALevelOneHasNotComeOut() throws IOException {
        assertThat(written(results(new double[] {0.50, 0.62}, new double[] {0.55, 0.51}, new double[] {0.10, 0.10})))
                .contains("**The paper's ordering came out, but not all of it is settled.**")
                .contains("by +3.0 points (± 11.3 over 2 seeds, within the spread, so not settled)");
        assertThat(written(results(new double[] {0.5, 0.5}, new double[] {0.5, 0.5}, new double[] {0.1, 0.1})))
                .contains("first above second: did not come out, by +0.0 points");
    }

    @Test
    void figuresAtChance_areSaidToMeanNothing() throws IOException {
        assertThat(written(results(new double[] {0.16, 0.18}, new double[] {0.12, 0.10}, new double[] {0.08, 0.10})))
                .contains("* No figure is above 18.5 %, two standard errors over chance: their order says nothing.");
        assertThat(written(results(new double[] {0.26, 0.28}, new double[] {0.12, 0.10}, new double[] {0.08, 0.10})))
                .doesNotContain("says nothing");
    }

    @Test
    void whatIsNotDone_isLeftOpen_andOneSeedHasNoSpread() throws IOException {
        assertThat(written(results(new double[] {0.50}, new double[] {0.40})))
                .contains("**Not decided: 1 of 2 comparisons have runs.**")
                .contains("first above second: came out, by +10.0 points (one seed, so no spread is known)")
                .contains("| first | 50.0 | 1 | 73.7 |")
                .contains(
                        "One held-out video is 2.0 points; which videos are held out moves a figure of 50 % by about 7.1")
                .contains("| third | - | 0 | - |");
        assertThat(written(results(new double[] {0.50}, new double[] {0.40}, new double[] {0.30})))
                .contains("**So far, by 1 of 2 seeds: The paper's ordering came out, but not all of it is settled.**");
    }

    @Test
    void studiesAreThePapers_andEachVariantHasItsFigures() {
        assertThat(Studies.all())
                .extracting(Study::name)
                .containsExactly("targets", "pooling", "masking", "labels", "tuning", "pretraining");
        assertThat(Studies.named(List.of("masking", "targets")))
                .extracting(Study::name)
                .containsExactly("targets", "masking");
        assertThatThrownBy(() -> Studies.named(List.of("speed"))).hasMessageContaining("only: want some of [targets");
        for (Study study : Studies.all()) {
            for (Study.Ordering ordering : study.orderings()) {
                List<Double> better = study.variants().get(ordering.better()).paper();
                List<Double> worse = study.variants().get(ordering.worse()).paper();
                for (int i = 0; i < worse.size(); i++) {
                    assertThat(better.get(i)).as(study.name()).isGreaterThan(worse.get(i));
                }
            }
        }
    }

    @Test
    void stepsFitTheBudget_orTheEstimateSaysHowLong() {
        ReportSettings asked = new ReportSettings(
                Studies.all(),
                SynthSet.Task.OBJECT_MOTION,
                Surface.GRAIN,
                1000,
                300,
                0,
                List.of(1L, 2L, 3L),
                ReportScale.TINY,
                Precision.BF16,
                "");
        for (double speed : new double[] {60, 95, 400}) {
            Estimate estimate = new Estimate(asked, speed);
            int steps = estimate.steps();
            assertThat(estimate.seconds(steps)).as("%s clips/s", speed).isBetween(1200.0, Estimate.BUDGET_SECONDS);
            assertThat(estimate.seconds(2 * steps)).isGreaterThan(1.3 * estimate.seconds(steps));
        }
    }
}
