package io.jepastream.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The process's metrics, and the server that shows them to Prometheus if one is asked for. */
final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private @Nullable HttpServer server;

    /** Whether and where to serve. */
    static final class Options {
        @Option(
                names = "--metrics",
                paramLabel = "[HOST:]PORT",
                description = "Serve Prometheus metrics at /metrics (default: do not; host: loopback).")
        @Nullable
        String address;
    }

    private Metrics() {}

    /** A registry, served as the options say. */
    static Metrics open(Options options) throws IOException {
        Metrics metrics = new Metrics();
        new JvmMemoryMetrics().bindTo(metrics.registry);
        new ProcessMemory().bindTo(metrics.registry);
        String address = options.address;
        if (address != null) {
            HttpServer server = HttpServer.create(socket(address), 0);
            server.createContext("/metrics", exchange -> answer(exchange, metrics.registry.scrape()));
            server.createContext("/healthz", exchange -> answer(exchange, "ok\n"));
            server.start();
            metrics.server = server;
        }
        return metrics;
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Port of the server, 0 without one. */
    int port() {
        return server == null ? 0 : server.getAddress().getPort();
    }

    /** Whether nobody beyond this machine can reach the server, if there is one. */
    boolean isLocal() {
        return server == null || server.getAddress().getAddress().isLoopbackAddress();
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
        registry.close();
    }

    private static InetSocketAddress socket(String address) {
        int colon = address.lastIndexOf(':');
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            return colon < 0
                    ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                    : new InetSocketAddress(address.substring(0, colon), port);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--metrics: want PORT or HOST:PORT, got '%s'".formatted(address));
        }
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
