package io.jepastream.trainer.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** Bars of a study: the mean of each variant over the seeds, with its deviation. */
final class ReportPlots {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    private static final int LONG_LABELS = 4;
    private static final int TILT = 20;

    private ReportPlots() {}

    /**
     * Draws {@code NAME.png}, unless no variant is done.
     *
     * @return whether there is one
     */
    static boolean draw(Study study, Results results, int classes, Path directory) throws IOException {
        List<String> labels = new ArrayList<>();
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (Variant variant : study.variants()) {
            Spread spread = results.spread(variant);
            if (spread.count() > 0) {
                labels.add(variant.label());
                means.add(100 * spread.mean());
                deviations.add(100 * spread.deviation());
            }
        }
        if (labels.isEmpty()) {
            return false;
        }
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("%s (chance: %.1f %%)".formatted(study.title(), 100.0 / classes))
                .yAxisTitle("held-out top-1, %")
                .build();
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setAvailableSpaceFill(0.5).setXAxisLabelRotation(labels.size() > LONG_LABELS ? TILT : 0);
        chart.addSeries("top-1", labels, means, deviations);
        BitmapEncoder.saveBitmap(chart, directory.resolve(study.name()).toString(), BitmapEncoder.BitmapFormat.PNG);
        return true;
    }
}
