package io.jepastream.app.selftest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker processes of both stages, and what an orchestrator does for them: who ends is started again. */
final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    /** Where the fault hook of every worker looks, below the campaign's directory: who comes first obeys. */
    static final String ORDERS = "orders";

    private final List<Worker> all = new CopyOnWriteArrayList<>();
    private final List<String> ends = new CopyOnWriteArrayList<>();
    private final Thread orchestrator;
    private volatile boolean open = true;

    /**
     * A worker: its process and what belongs to it.
     *
     * @param encodes whether it encodes, else assembles
     * @param state its local stores
     */
    record Worker(Member member, boolean encodes, Path state) {}

    Workers() {
        orchestrator = new Thread(this::restart, "orchestrator");
        orchestrator.setDaemon(true);
    }

    /**
     * Adds a worker and starts it.
     *
     * @param jepa the command line of the stage, without its state directory
     * @param options for its JVM
     */
    Worker add(String name, List<String> jepa, List<String> options, Path directory) throws IOException {
        Path orders = Files.createDirectories(directory.resolve(ORDERS));
        Path state = directory.resolve("state").resolve(name);
        Files.createDirectories(directory.resolve("logs"));
        List<String> main = new ArrayList<>(List.of("io.jepastream.app.Jepa"));
        main.addAll(jepa);
        main.addAll(List.of("--state-dir", state.toString()));
        List<String> jvm = new ArrayList<>(options);
        jvm.add("-D%s=%s".formatted(FaultyModel.PROPERTY, orders));
        Member member = new Member(name, jvm, main, directory.resolve("logs").resolve(name + ".log"));
        Worker worker = new Worker(member, jepa.get(0).equals("encode"), state);
        member.start();
        all.add(worker);
        return worker;
    }

    /** From now on who ends without being asked is started again. */
    void keepAlive() {
        orchestrator.start();
    }

    /** The workers of both stages. */
    List<Worker> all() {
        return List.copyOf(all);
    }

    /** Minds a worker no longer that was stopped for good. */
    void forget(Worker worker) {
        all.remove(worker);
    }

    /** What ended by itself, in words. */
    List<String> ends() {
        return List.copyOf(ends);
    }

    private void restart() {
        try {
            while (open) {
                for (Worker worker : all) {
                    if (worker.member().isMissing()) {
                        String what = "%s ended by itself with exit code %d"
                                .formatted(
                                        worker.member().name(), worker.member().exitCode());
                        ends.add(what);
                        LOG.info("{}; it is started again", what);
                        worker.member().start();
                    }
                }
                Thread.sleep(500);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) { // the campaign sees that its workers are gone, and the log says why
            LOG.error("a worker could not be started again", e);
        }
    }

    /** Ends every worker. */
    @Override
    public void close() {
        open = false;
        try {
            if (orchestrator.isAlive()) {
                orchestrator.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(worker -> worker.member().end());
    }
}
