package io.jepastream.trainer.probe;

import java.awt.Color;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What a training of heads did: {@code metrics.csv}, a line per epoch and head, and pictures of loss and accuracy. */
public final class ProbeLog implements AutoCloseable {
    private static final String HEADER =
            "epoch,learning_rate,weight_decay,train_loss,held_out_loss,held_out_top1,held_out_top5,steps_per_second";

    private final Path directory;
    private final List<ProbeSettings.Arm> arms;
    private final BufferedWriter csv;
    private final List<ProbeTraining.Epoch> epochs = new ArrayList<>();

    /** Opens a folder, made where it is not there; an earlier log in it is replaced. */
    public ProbeLog(Path directory, ProbeSettings settings) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.arms = settings.arms();
        this.csv = Files.newBufferedWriter(directory.resolve("metrics.csv"));
        csv.write(HEADER + "\n");
    }

    /** Adds an epoch. */
    public void add(ProbeTraining.Epoch epoch) throws IOException {
        epochs.add(epoch);
        for (int i = 0; i < arms.size(); i++) {
            ProbeTraining.Standing standing = epoch.heads().get(i);
            csv.write(String.format(
                    Locale.ROOT,
                    "%d,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.4g%n",
                    epoch.number(),
                    arms.get(i).rate(),
                    arms.get(i).decay(),
                    standing.trainLoss(),
                    standing.loss(),
                    standing.top1(),
                    standing.top5(),
                    epoch.stepsPerSecond()));
        }
        csv.flush();
    }

    private void draw() throws IOException {
        XYChart loss = chart("Loss: training (dashed) and held out");
        XYChart accuracy = chart("Held-out top-1");
        accuracy.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
        for (int i = 0; i < arms.size(); i++) {
            String name = String.format(
                    Locale.ROOT, "%.1e, %.1e", arms.get(i).rate(), arms.get(i).decay());
            line(loss, name, i, ProbeTraining.Standing::loss);
            loss.addSeries(name + " (training)", numbers(), values(i, ProbeTraining.Standing::trainLoss))
                    .setMarker(SeriesMarkers.NONE)
                    .setLineStyle(SeriesLines.DASH_DASH)
                    .setLineColor(color(loss, i))
                    .setShowInLegend(false);
            line(accuracy, name, i, ProbeTraining.Standing::top1);
        }
        save(loss, "loss");
        save(accuracy, "accuracy");
    }

    private static XYChart chart(String title) {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(450)
                .title(title + ", by learning rate and weight decay")
                .xAxisTitle("epoch")
                .build();
        chart.getStyler().setXAxisDecimalPattern("0");
        return chart;
    }

    private static Color color(XYChart chart, int head) {
        Color[] colors = chart.getStyler().getSeriesColors();
        return colors[head % colors.length];
    }

    private double[] numbers() {
        return epochs.stream().mapToDouble(ProbeTraining.Epoch::number).toArray();
    }

    private double[] values(int head, ToDoubleFunction<ProbeTraining.Standing> value) {
        return epochs.stream()
                .mapToDouble(epoch -> value.applyAsDouble(epoch.heads().get(head)))
                .toArray();
    }

    private void line(XYChart chart, String name, int head, ToDoubleFunction<ProbeTraining.Standing> value) {
        chart.addSeries(name, numbers(), values(head, value))
                .setMarker(epochs.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE)
                .setLineColor(color(chart, head));
    }

    private void save(XYChart chart, String name) throws IOException {
        BitmapEncoder.saveBitmap(chart, directory.resolve(name).toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    /** Draws the pictures. */
    @Override
    public void close() throws IOException {
        csv.close();
        if (!epochs.isEmpty()) {
            draw();
        }
    }
}
