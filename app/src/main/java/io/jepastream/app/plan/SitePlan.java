package io.jepastream.app.plan;

import io.jepastream.encoder.ModelFlops;
import java.time.Duration;

/**
 * What a site needs. Rates are a second's, sizes bytes; cores are those of the machine that the constants were measured on, and
 * counts leave the head room that the table says.
 */
public final class SitePlan {
    private static final int FLOAT = 4;
    private static final double DAY = Duration.ofDays(1).toSeconds();
    private static final double DAYS_KEPT = 30; // of embeddings, labels and gaps

    private final Demand site;
    private final PlanConstants constants;
    private final String gpu;

    /** A plan of a site whose encoders run on this GPU, or on {@code cpu}. */
    public SitePlan(Demand site, PlanConstants constants, String gpu) {
        this.site = site;
        this.constants = constants;
        this.gpu = gpu;
    }

    double framesBytes() {
        return site.frames() * (site.pictureBytes() + constants.get("frame.overhead"));
    }

    double changelogBytes() {
        return site.keptPictures() * site.pictureBytes() + site.frames() * constants.get("changelog.frame");
    }

    double clipsBytes() {
        return site.clips() * (site.picturesOfAClip() * site.pictureBytes() + constants.get("clip.overhead"));
    }

    /** Embeddings of one vector, and one head's labels. */
    double resultsBytes() {
        double vector = (double) FLOAT * site.model().embedDim();
        return site.clips() * (vector + constants.get("embedding.overhead") + constants.get("labels.bytes"));
    }

    /** What producers send to the leaders of partitions. */
    double written() {
        return framesBytes() + changelogBytes() + clipsBytes() + resultsBytes();
    }

    /** What consumers, standbys and the other copies fetch. */
    double fetched() {
        double consumers = framesBytes() + clipsBytes() + resultsBytes() + site.standbys() * changelogBytes();
        return consumers + (site.copies() - 1) * written();
    }

    /** All copies; changelogs hold what is live and up to two segments a partition. */
    double disk() {
        double kept = (framesBytes() + clipsBytes()) * site.kept().toSeconds();
        double results = resultsBytes() * DAYS_KEPT * DAY;
        return site.copies() * (kept + results + 2 * partitions() * constants.get("changelog.segment"));
    }

    long brokers() {
        double each = constants.get("broker.write");
        return Math.max(site.copies(), ceil(site.copies() * written() / each));
    }

    double brokerIn() {
        return site.copies() * written() / brokers();
    }

    double brokerOut() {
        return fetched() / brokers();
    }

    double ingestCores() {
        return loaded(site.frames() / constants.get("ingest.frames"));
    }

    double assembleCores() {
        return loaded(site.frames() / constants.get("assemble.frames"));
    }

    /** For decoding pictures and preparing clips. */
    double decodeCores() {
        return loaded(site.clips() / constants.get("encode.clips"));
    }

    /** Clips a second of one device: a GPU, or a core. */
    double clipsOfADevice() {
        double rate = isCpu() ? constants.get("cpu.core") * 1e9 : constants.gpuPeak(gpu) * constants.get("gpus.share");
        return rate / ModelFlops.encoder(site.model());
    }

    /** GPUs, or cores. */
    double devices() {
        return loaded(site.clips() / clipsOfADevice());
    }

    boolean isCpu() {
        return gpu.equals("cpu");
    }

    /**
     * Of {@code frames} and {@code clips}: enough for one thread each of assemble, and for two threads of encode for each place
     * in a batch; a power of two, which divides evenly as workers come and go.
     */
    long partitions() {
        double threads =
                Math.max(assembleCores(), isCpu() ? 2 * devices() : 2 * constants.get("gpus.batch") * devices());
        return Long.highestOneBit(Math.max(1, 2 * ceil(threads) - 1));
    }

    /** Memory of assemble's workers beside their fixed part: live pictures of a camera in the stores' files and in caches. */
    double stateBytes() {
        double slot = site.length().toMillis() / (double) site.slots();
        double pictures = Math.ceil((site.length().toMillis() + constants.get("lateness")) / slot) + 2;
        double each = pictures * site.pictureBytes() + constants.get("camera.state");
        return site.cameras() * each * (1 + site.standbys());
    }

    private double loaded(double full) {
        return full / constants.get("load");
    }

    static long ceil(double value) {
        return (long) Math.ceil(value - 1e-9);
    }
}
