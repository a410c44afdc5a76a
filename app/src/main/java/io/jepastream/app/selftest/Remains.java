package io.jepastream.app.selftest;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupNotEmptyException;

/** What a site has made on a cluster: its topics, those of its stages, and its groups. */
final class Remains {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Admin admin;
    private final Site site;

    Remains(Admin admin, Site site) {
        this.admin = admin;
        this.site = site;
    }

    /** Names of the topics that are there. */
    static List<String> topics(Admin admin, Site site) throws InterruptedException, ExecutionException {
        return admin.listTopics().names().get().stream()
                .filter(name -> Topics.ALL.contains(name) || name.startsWith(site.group() + "-"))
                .toList();
    }

    /**
     * Takes them away. A worker that was killed is a member of its group until its session is over, and a group with members
     * cannot go: it is waited for.
     *
     * @throws KafkaException if something is left after this time
     */
    void remove(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        try {
            admin.deleteTopics(topics(admin, site)).all().get();
            for (String group : groups()) {
                while (!removed(group)) {
                    if (System.nanoTime() > deadline) {
                        throw new KafkaException("group %s still has members after %s".formatted(group, longest));
                    }
                    Thread.sleep(LOOK.toMillis());
                }
            }
        } catch (ExecutionException e) {
            throw new KafkaException(
                    "removing the topics and groups of %s failed: %s".formatted(site.group(), e.getMessage()), e);
        }
    }

    private List<String> groups() throws InterruptedException, ExecutionException {
        Set<String> there = admin.listGroups().all().get().stream()
                .map(group -> group.groupId())
                .collect(Collectors.toSet());
        return Stream.of(ClipTopology.STAGE, EncodeTopology.STAGE)
                .map(stage -> StreamsStage.group(site, stage))
                .filter(there::contains)
                .toList();
    }

    private boolean removed(String group) throws InterruptedException, ExecutionException {
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupNotEmptyException) {
                return false;
            }
            throw e;
        }
    }
}
