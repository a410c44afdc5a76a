package io.jepastream.app.pipeline;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.encoder.stream.ClipEncoder;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.WriterSchemas;
import io.jepastream.probeheads.LabelBranch;
import io.jepastream.probeheads.Labeller;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.streams.Topology;

/** The two streaming stages, ready to start. */
public final class Stages {
    /** How long a thread may wait for the model; below the longest transaction. */
    public static final Duration CLIP_TIMEOUT = Duration.ofSeconds(50);

    private static final int NO_STANDBYS = 0;

    private static final Duration ASSEMBLE_COMMIT = Duration.ofMillis(50);
    private static final Duration ENCODE_COMMIT = Duration.ofMillis(100);
    private static final Duration ASSEMBLE_TRANSACTION = Duration.ofSeconds(15); // more than a worker's session
    private static final Duration ENCODE_TRANSACTION = Duration.ofMinutes(1); // waits for the model within it
    private static final int FRAMES_AT_ONCE = 64;
    private static final int CLIPS_AT_ONCE = 4;

    private final Site site;
    private final Path stateDirectory;
    private final WriterSchemas others;
    private final MeterRegistry metrics;

    /**
     * Stages of one worker.
     *
     * @param site the cluster
     * @param stateDirectory local stores; each stage takes a folder below it
     * @param others schemas of records that a later release has written
     * @param metrics of the worker
     */
    public Stages(Site site, Path stateDirectory, WriterSchemas others, MeterRegistry metrics) {
        this.site = site;
        this.stateDirectory = stateDirectory;
        this.others = others;
        this.metrics = metrics;
    }

    /** Frames to clips, with no copies of its stores but the cluster's. */
    public StreamsStage assemble(ClipConfig config, int threads) {
        return assemble(config, threads, NO_STANDBYS);
    }

    /** Frames to clips; so many other workers keep copies of its stores. */
    public StreamsStage assemble(ClipConfig config, int threads, int standbys) {
        StreamsStage.Settings settings = new StreamsStage.Settings(
                ClipTopology.STAGE,
                threads,
                ASSEMBLE_COMMIT,
                ASSEMBLE_TRANSACTION,
                FRAMES_AT_ONCE,
                standbys,
                stateDirectory.resolve(ClipTopology.STAGE));
        return new StreamsStage(site, settings, ClipTopology.build(config, others, metrics));
    }

    /** Clips to embeddings and labels. */
    public StreamsStage encode(ClipModel model, ClipEncoder.ClipRunner runner, List<Labeller> labellers, int threads) {
        Topology topology = EncodeTopology.build(model, runner, others, metrics);
        LabelBranch.addTo(topology, labellers);
        StreamsStage.Settings settings = new StreamsStage.Settings(
                EncodeTopology.STAGE,
                threads,
                ENCODE_COMMIT,
                ENCODE_TRANSACTION,
                CLIPS_AT_ONCE,
                NO_STANDBYS,
                stateDirectory.resolve(EncodeTopology.STAGE));
        return new StreamsStage(site, settings, topology);
    }
}
