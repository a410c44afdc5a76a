package io.jepastream.app;

import io.jepastream.app.kafka.SchemaLog;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.SiteLog;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.ingest.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa tail}: a topic's records as JSON Lines. */
@Command(
        name = "tail",
        description = "Print the committed records of a topic as JSON Lines.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa tail action-labels --bootstrap-servers localhost:9092 --from-beginning"})
final class TailCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SiteOptions site = new SiteOptions();

    @Parameters(
            paramLabel = "TOPIC",
            description = "frames, clips, clip-gaps, embeddings, action-labels, dead-letters or site.")
    private String topic = "";

    @Option(names = "--from-beginning", description = "Start with the oldest record; else with the next new one.")
    private boolean fromBeginning;

    @Option(names = "--until-end", description = "End at what is the last record now; else wait for more.")
    private boolean untilEnd;

    @Option(names = "--vectors", description = "Print vectors and pictures in full instead of their size.")
    private boolean vectors;

    @Override
    public Integer call() throws IOException {
        if (!Topics.ALL.contains(topic)) {
            throw new UsageException("topic: want one of %s, got '%s'"
                    .formatted(String.join(", ", Topics.ALL), topic.toLowerCase(Locale.ROOT)));
        }
        PrintWriter out = spec.commandLine().getOut();
        Site cluster = site.site();
        try (SiteLog log = new SiteLog(cluster);
                TopicReader reader = TopicReader.open(cluster, topic, fromBeginning)) {
            RecordJson json = new RecordJson(vectors, new SchemaLog(log));
            long left = untilEnd ? reader.recordsLeft() : Long.MAX_VALUE;
            while (left > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    out.println(json.line(topic, record));
                }
                out.flush();
                left = untilEnd ? reader.recordsLeft() : Long.MAX_VALUE;
            }
        }
        return 0;
    }
}
