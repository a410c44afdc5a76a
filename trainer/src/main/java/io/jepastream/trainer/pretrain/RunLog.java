package io.jepastream.trainer.pretrain;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What a run did: {@code metrics.csv}, one line per step, and pictures of it. */
final class RunLog implements AutoCloseable {
    private static final String HEADER =
            "step,loss,prediction_loss,context_loss,spread_loss,learning_rate,weight_decay,"
                    + "momentum,encoder_gradient,predictor_gradient,effective_rank,feature_deviation,feature_deviation_in_clips,clips_per_second";
    private static final int MOST_POINTS = 2000;

    private final Path directory;
    private final BufferedWriter csv;
    private final List<Row> rows = new ArrayList<>();

    /** One step; rank and deviation are those last measured. */
    record Row(
            long step,
            PretrainStep.Loss loss,
            PretrainStep.Hyper hyper,
            PretrainStep.Norms norms,
            double rank,
            double deviation,
            double clipDeviation,
            double clipsPerSecond) {
        String line() {
            return String.format(
                    Locale.ROOT,
                    "%d,%.7g,%.7g,%.7g,%.7g,%.7g,%.7g,%.9g,%.5g,%.5g,%.5g,%.5g,%.5g,%.4g",
                    step,
                    loss.total(),
                    loss.prediction(),
                    loss.context(),
                    loss.spread(),
                    hyper.learningRate(),
                    hyper.weightDecay(),
                    hyper.momentum(),
                    norms.encoder(),
                    norms.predictor(),
                    rank,
                    deviation,
                    clipDeviation,
                    clipsPerSecond);
        }

        static Row parse(String line) {
            String[] f = line.split(",", -1);
            double[] v = new double[f.length];
            for (int i = 0; i < f.length; i++) {
                v[i] = Double.parseDouble(f[i]);
            }
            return new Row(
                    (long) v[0],
                    new PretrainStep.Loss(v[1], v[2], v[3], v[4]),
                    new PretrainStep.Hyper(v[5], v[6], 0, v[7]),
                    new PretrainStep.Norms(v[8], v[9]),
                    v[10],
                    v[11],
                    v[12],
                    v[13]);
        }
    }

    /** Goes on after {@code done} steps; later lines, of steps that a kill undid, are dropped. */
    RunLog(Path directory, long done) throws IOException {
        this.directory = directory;
        Path file = directory.resolve("metrics.csv");
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                // A kill may have cut the last line.
                if (!line.equals(HEADER) && line.chars().filter(c -> c == ',').count() == 13 && !line.endsWith(",")) {
                    Row row = Row.parse(line);
                    if (row.step() <= done) {
                        rows.add(row);
                    }
                }
            }
        }
        Path fresh = directory.resolve("metrics.csv.tmp");
        try (BufferedWriter out = Files.newBufferedWriter(fresh)) {
            out.write(HEADER + "\n");
            for (Row row : rows) {
                out.write(row.line() + "\n");
            }
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        this.csv = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    }

    /** Adds a step. */
    void add(Row row) throws IOException {
        rows.add(row);
        csv.write(row.line() + "\n");
        csv.flush(); // people follow it
    }

    /** Loss, schedules and richness of the features over the steps, as PNG. */
    void draw() throws IOException {
        if (rows.isEmpty()) {
            return;
        }
        List<Row> some = thinned();
        XYChart loss = chart("Loss");
        line(loss, "total", some, row -> row.loss().total());
        line(loss, "prediction", some, row -> row.loss().prediction());
        if (some.stream().anyMatch(row -> row.loss().context() > 0)) {
            line(loss, "context", some, row -> row.loss().context());
        }
        save(loss, "loss");
        XYChart rate = chart("Learning rate");
        line(rate, "learning rate", some, row -> row.hyper().learningRate());
        save(rate, "learning-rate");
        XYChart schedule = chart("Weight decay, and 1 - momentum of the target encoder");
        line(schedule, "weight decay", some, row -> row.hyper().weightDecay());
        line(schedule, "1 - momentum", some, row -> 1 - row.hyper().momentum());
        save(schedule, "schedules");
        XYChart rank = chart("Effective rank of the target encoder's features");
        line(rank, "effective rank", some, Row::rank);
        save(rank, "effective-rank");
        XYChart deviation = chart("Mean deviation of a feature");
        line(deviation, "over all tokens", some, Row::deviation);
        line(deviation, "over the tokens of a clip", some, Row::clipDeviation);
        save(deviation, "feature-deviation");
    }

    private List<Row> thinned() {
        int every = Math.max(1, rows.size() / MOST_POINTS);
        List<Row> some = new ArrayList<>();
        for (int i = 0; i < rows.size(); i += every) {
            some.add(rows.get(i));
        }
        return some;
    }

    private static XYChart chart(String title) {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(450)
                .title(title)
                .xAxisTitle("step")
                .build();
        chart.getStyler().setMarkerSize(0);
        return chart;
    }

    private static void line(XYChart chart, String name, List<Row> rows, ToDoubleFunction<Row> value) {
        double[] x = rows.stream().mapToDouble(Row::step).toArray();
        double[] y = rows.stream().mapToDouble(value).toArray();
        chart.addSeries(name, x, y).setMarker(SeriesMarkers.NONE);
    }

    private void save(XYChart chart, String name) throws IOException {
        BitmapEncoder.saveBitmap(chart, directory.resolve(name).toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}
