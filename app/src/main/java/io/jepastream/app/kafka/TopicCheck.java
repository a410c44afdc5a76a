package io.jepastream.app.kafka;

import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the topics of a site are such that the stages can run: what would stop a stream later, or lose its records, is said
 * before it starts. Topics need not have the same number of partitions: each stage reads one topic, and writes by key.
 */
public final class TopicCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);
    private static final String CHANGELOG = "-changelog";

    private final Site site;

    /**
     * A topic as it is.
     *
     * @param partitions of the topic
     * @param copies of the partition that has the fewest
     * @param settings as the brokers apply them; empty if they may not be read
     */
    record Facts(int partitions, int copies, Map<String, String> settings) {}

    /**
     * What was found.
     *
     * @param errors the stages must not start
     * @param warnings they may
     */
    record Findings(List<String> errors, List<String> warnings) {}

    /** A check of this site's topics and changelogs. */
    public TopicCheck(Site site) {
        this.site = site;
    }

    /**
     * Looks at the topics.
     *
     * @throws IllegalArgumentException naming each that the stages cannot work with, what is wanted and what it is
     */
    public void require(Admin admin) throws InterruptedException {
        Findings findings = findings(facts(admin));
        findings.warnings().forEach(LOG::warn);
        if (!findings.errors().isEmpty()) {
            throw new IllegalArgumentException(
                    "topics at %s: %s".formatted(site.bootstrapServers(), String.join("; ", findings.errors())));
        }
    }

    /** Judges these topics; pure. */
    Findings findings(Map<String, Facts> topics) {
        Findings findings = new Findings(new ArrayList<>(), new ArrayList<>());
        List<String> missing =
                Topics.ALL.stream().filter(topic -> !topics.containsKey(topic)).toList();
        if (!missing.isEmpty()) {
            findings.errors().add("want %s, got none; run 'jepa topics create'".formatted(String.join(", ", missing)));
        }
        new TreeMap<>(topics).forEach((topic, facts) -> {
            checkCopies(topic, facts, findings);
            if (topic.endsWith(CHANGELOG)) {
                checkChangelog(topic, facts, topics, findings);
            } else {
                checkRecords(topic, facts, findings);
            }
        });
        return findings;
    }

    private static void checkCopies(String topic, Facts facts, Findings findings) {
        int needed = number(facts, "min.insync.replicas", 1);
        if (needed > facts.copies()) {
            findings.errors()
                    .add("%s: want min.insync.replicas of at most its %d copies, got %d: nothing could be written"
                            .formatted(topic, facts.copies(), needed));
        } else if (facts.copies() > 1 && needed == 1) {
            findings.warnings()
                    .add(
                            "%s: min.insync.replicas is 1 of %d copies: a broker that fails may take acknowledged records away"
                                    .formatted(topic, facts.copies()));
        }
        if (Boolean.parseBoolean(facts.settings().get("unclean.leader.election.enable"))) {
            findings.warnings()
                    .add("%s: unclean.leader.election.enable is on: acknowledged records may be lost".formatted(topic));
        }
    }

    private void checkChangelog(String topic, Facts facts, Map<String, Facts> topics, Findings findings) {
        String source = isOf(ClipTopology.STAGE, topic) ? Topics.FRAMES : Topics.CLIPS;
        Facts read = topics.get(source);
        if (read != null && read.partitions() != facts.partitions()) {
            findings.errors()
                    .add(
                            ("%s: want the %d partitions of %s, got %d: partitions were added, which moves cameras away from their"
                                            + " state; drain, then remove the changelogs of the stage")
                                    .formatted(topic, read.partitions(), source, facts.partitions()));
        }
    }

    private static void checkRecords(String topic, Facts facts, Findings findings) {
        String policy = facts.settings().get("cleanup.policy");
        if (topic.equals(Topics.SITE)) {
            if (policy != null && !policy.equals("compact")) {
                findings.errors().add("%s: want cleanup.policy compact, got %s".formatted(topic, policy));
            }
            if (facts.partitions() != 1) {
                findings.errors().add("%s: want 1 partition, got %d".formatted(topic, facts.partitions()));
            }
            return;
        }
        if (policy != null && policy.contains("compact")) {
            findings.errors()
                    .add("%s: want cleanup.policy delete, got %s: it keeps only the last record of each camera"
                            .formatted(topic, policy));
        }
        int largest = number(facts, "max.message.bytes", Topics.MAX_RECORD_BYTES);
        if (largest < Topics.MAX_RECORD_BYTES) {
            findings.errors()
                    .add("%s: want max.message.bytes of %d or more, got %d: a large clip would stop the stage"
                            .formatted(topic, Topics.MAX_RECORD_BYTES, largest));
        }
    }

    private static int number(Facts facts, String setting, int otherwise) {
        String value = facts.settings().get(setting);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    private boolean isOf(String stage, String topic) {
        return topic.startsWith(StreamsStage.group(site, stage) + "-");
    }

    private Map<String, Facts> facts(Admin admin) throws InterruptedException {
        try {
            Set<String> names = admin.listTopics().names().get().stream()
                    .filter(name -> Topics.ALL.contains(name)
                            || (name.endsWith(CHANGELOG)
                                    && (isOf(ClipTopology.STAGE, name) || isOf(EncodeTopology.STAGE, name))))
                    .collect(Collectors.toSet());
            Map<String, Map<String, String>> settings = settings(admin, names);
            Map<String, Facts> facts = new HashMap<>();
            for (TopicDescription topic :
                    admin.describeTopics(names).allTopicNames().get().values()) {
                int copies = topic.partitions().stream()
                        .mapToInt(partition -> partition.replicas().size())
                        .min()
                        .orElse(0);
                facts.put(
                        topic.name(),
                        new Facts(topic.partitions().size(), copies, settings.getOrDefault(topic.name(), Map.of())));
            }
            return facts;
        } catch (ExecutionException e) {
            throw new KafkaException("looking at the topics failed: %s".formatted(e.getMessage()), e);
        }
    }

    private static Map<String, Map<String, String>> settings(Admin admin, Collection<String> topics)
            throws InterruptedException, ExecutionException {
        List<ConfigResource> ask = topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        Map<String, Map<String, String>> settings = new HashMap<>();
        try {
            for (Map.Entry<ConfigResource, Config> each :
                    admin.describeConfigs(ask).all().get().entrySet()) {
                settings.put(
                        each.getKey().name(),
                        each.getValue().entries().stream()
                                .filter(entry -> entry.value() != null)
                                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value)));
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)
                    && !(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
            LOG.warn("the topics' settings may not be read, so they are not checked: {}", e.getMessage());
        }
        return settings;
    }
}
