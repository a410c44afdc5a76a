package io.jepastream.app.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan in words and numbers. */
public final class PlanText {
    private static final double MEGA = 1e6;
    private static final double TERA = 1e12;
    private static final double BITS = 8;

    private final Demand site;
    private final SitePlan plan;
    private final PlanConstants constants;
    private final String device;

    /** Of this plan; the device is named as it was asked for. */
    public PlanText(Demand site, SitePlan plan, PlanConstants constants, String device) {
        this.site = site;
        this.plan = plan;
        this.constants = constants;
        this.device = device;
    }

    /** Its lines. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "%d cameras, %.1f frames/s of %.1f kB each, a clip of %.1f s every %.1f s, %d copies",
                site.cameras(),
                site.framesPerSecond(),
                site.pictureBytes() / 1e3,
                site.length().toMillis() / 1e3,
                site.hop().toMillis() / 1e3,
                site.copies()));
        streams(lines);
        brokers(lines);
        workers(lines);
        lines.add("");
        lines.add("Rates leave %.0f %% free. Not measured, but assumed:".formatted(100 * (1 - constants.get("load"))));
        constants
                .assumed()
                .forEach(row ->
                        lines.add(line("  %s %s %s: %s", row.name(), number(row.value()), row.unit(), row.source())));
        return lines;
    }

    private void streams(List<String> lines) {
        lines.add("");
        lines.add("Topics            records/s       MB/s");
        lines.add(stream("frames", site.frames(), plan.framesBytes()));
        lines.add(stream("changelogs", site.keptPictures() + site.frames(), plan.changelogBytes()));
        lines.add(stream("clips", site.clips(), plan.clipsBytes()));
        lines.add(stream("results", 2 * site.clips(), plan.resultsBytes()));
    }

    private static String stream(String name, double records, double bytes) {
        return line("  %-12s %12.1f %10.2f", name, records, bytes / MEGA);
    }

    private void brokers(List<String> lines) {
        lines.add("");
        lines.add("Kafka");
        lines.add(line(
                "  brokers      %d, each %.0f MB/s in and %.0f MB/s out (%.1f and %.1f Gbit/s)",
                plan.brokers(),
                plan.brokerIn() / MEGA,
                plan.brokerOut() / MEGA,
                BITS * plan.brokerIn() / 1e9,
                BITS * plan.brokerOut() / 1e9));
        lines.add(line(
                "  disk         %.2f TB in all, frames and clips kept %.0f h, results 30 days",
                plan.disk() / TERA, site.kept().toMinutes() / 60.0));
        lines.add(line("  partitions   %d of frames and of clips", plan.partitions()));
    }

    private void workers(List<String> lines) {
        lines.add("");
        lines.add("Workers");
        lines.add(line("  ingest       %s cores", number(plan.ingestCores())));
        lines.add(line(
                "  assemble     %s cores; %.1f GB of live pictures, standbys included",
                number(plan.assembleCores()), plan.stateBytes() / 1e9));
        lines.add(line("  encode       %s cores to decode and prepare pictures", number(plan.decodeCores())));
        lines.add(line(
                "  %-12s %s%s: %s clips/s each",
                plan.isCpu() ? "model" : "GPUs",
                plan.isCpu() ? number(plan.devices()) + " cores" : Long.toString(SitePlan.ceil(plan.devices())),
                plan.isCpu() ? "" : " " + device,
                number(plan.clipsOfADevice())));
    }

    private static String number(double value) {
        if (value >= 1000 || value == Math.rint(value)) {
            return line("%.0f", value);
        }
        return value >= 10 ? line("%.1f", value) : line("%.2f", value);
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
