package io.jepastream.app.selftest;

import io.jepastream.app.selftest.Trend.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The memory of every worker over time, as the workers' own metrics tell it: a CSV file, and what becomes of each quantity. */
final class MemoryLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryLog.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(2);
    private static final double MEGABYTE = 1e6;
    private static final Map<String, Pattern> QUANTITIES = quantities();

    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    private final Map<String, List<Sample>> samples = new LinkedHashMap<>(); // guarded by this
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(LONGEST_ANSWER).build();
    private final long started = System.nanoTime();
    private final PrintWriter csv;
    private final Thread thread;

    /** Opens the file; {@link #start} begins. */
    MemoryLog(Path file) throws IOException {
        csv = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
        csv.println("seconds,process," + String.join(",", QUANTITIES.keySet()));
        thread = new Thread(this::watch, "memory-log");
        thread.setDaemon(true);
    }

    private static Map<String, Pattern> quantities() {
        Map<String, Pattern> all = new LinkedHashMap<>();
        all.put("resident", Pattern.compile("(?m)^jepastream_process_memory_resident_bytes (\\S+)$"));
        all.put("anonymous", Pattern.compile("(?m)^jepastream_process_memory_anonymous_bytes (\\S+)$"));
        all.put("outside-jvm", Pattern.compile("(?m)^jepastream_process_memory_outside_jvm_least_bytes (\\S+)$"));
        all.put("heap", Pattern.compile("(?m)^jvm_memory_used_bytes\\{area=\"heap\",[^}]*} (\\S+)$"));
        all.put("direct", Pattern.compile("(?m)^jvm_buffer_memory_used_bytes\\{id=\"direct\"[^}]*} (\\S+)$"));
        return all;
    }

    /** Watches this worker too. */
    void add(String worker, int port) {
        ports.put(worker, port);
    }

    /** From now on there are samples: what came before belongs to the start. */
    void start() {
        thread.start();
    }

    private void watch() {
        try {
            while (true) {
                for (Map.Entry<String, Integer> worker : ports.entrySet()) {
                    sample(worker.getKey(), worker.getValue());
                }
                csv.flush();
                Thread.sleep(PERIOD.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sample(String worker, int port) throws InterruptedException {
        String metrics;
        try {
            HttpRequest ask = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(port)))
                    .timeout(LONGEST_ANSWER)
                    .build();
            metrics = client.send(ask, BodyHandlers.ofString()).body();
        } catch (IOException e) { // it is down, or slow: a sample less
            LOG.debug("no metrics of {}", worker, e);
            return;
        }
        double at = (System.nanoTime() - started) / 1e9;
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%.1f,%s", at, worker));
        synchronized (this) {
            QUANTITIES.forEach((name, pattern) -> {
                double bytes = sum(pattern, metrics);
                line.append(String.format(Locale.ROOT, ",%.0f", bytes));
                samples.computeIfAbsent(worker + " " + name, key -> new ArrayList<>())
                        .add(new Sample(at, bytes));
            });
        }
        csv.println(line);
    }

    static double sum(Pattern pattern, String metrics) {
        Matcher lines = pattern.matcher(metrics);
        double sum = 0;
        while (lines.find()) {
            sum += Double.parseDouble(lines.group(1));
        }
        return sum;
    }

    /** A row of a table for each worker and quantity, over the last two thirds of the time. */
    synchronized List<String> rows() {
        List<String> rows = new ArrayList<>();
        samples.forEach((name, all) -> {
            List<Sample> late = all.subList(all.size() / 3, all.size());
            if (late.size() >= 30) {
                Trend trend = Trend.of(late);
                double perHour = 3600 / MEGABYTE;
                rows.add(String.format(
                        Locale.ROOT,
                        "| %s | %.1f MB | %+.1f ± %.1f MB/h | %s |",
                        name,
                        trend.mean() / MEGABYTE,
                        trend.slope() * perHour,
                        trend.error() * perHour,
                        trend.verdict().name().toLowerCase(Locale.ROOT)));
            }
        });
        return rows;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        csv.close();
    }
}
