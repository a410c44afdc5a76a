package io.jepastream.app.selftest;

import io.jepastream.app.selftest.Schedule.Planned;
import io.jepastream.app.selftest.Workers.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Does what the schedule says, and sets it right again. Used by one thread. */
final class Faults {
    private static final int LARGEST_NOISE = 4096;
    private static final int CLIPS_IN_A_ROW = 5;

    private final Feeder feeder;
    private final Workers workers;
    private final Newcomer newcomer;
    private final @Nullable Cluster cluster;
    private final Path orders;
    private int scaled;

    /** Makes one more worker. */
    @FunctionalInterface
    interface Newcomer {
        Worker add(String name, boolean encodes) throws IOException;
    }

    /**
     * Faults for these.
     *
     * @param cluster brokers that may be broken, if there are any
     * @param out the campaign's directory
     */
    Faults(Feeder feeder, Workers workers, Newcomer newcomer, @Nullable Cluster cluster, Path out) {
        this.feeder = feeder;
        this.workers = workers;
        this.newcomer = newcomer;
        this.cluster = cluster;
        orders = out.resolve(Workers.ORDERS);
    }

    /**
     * Does it; returns when it is set right, which is not yet recovered.
     *
     * @return to what it happened
     */
    String strike(Planned fault) throws IOException, InterruptedException {
        return switch (fault.kind()) {
            case KILL_WORKER -> killWorker(fault);
            case STOP_WORKER -> stopWorker(fault);
            case SCALE -> scale(fault);
            case FREEZE_WORKER -> freeze(worker(fault).member(), fault);
            case KILL_BROKER -> killBroker(fault.target() % cluster().size(), fault);
            case KILL_CONTROLLER -> killBroker(cluster().activeController(), fault);
            case FREEZE_BROKER ->
                freeze(cluster().node(fault.target() % cluster().size()), fault);
            case CUT_NETWORK -> network(CutProxy.Mode.CUT, fault);
            case BLOCK_NETWORK -> network(CutProxy.Mode.BLOCKED, fault);
            case DELAY_NETWORK -> network(CutProxy.Mode.SLOW, fault);
            case JUMP_CLOCK -> {
                feeder.toCamera(fault.target(), camera -> camera.jump(fault.variant()));
                yield camera(fault) + (fault.variant() ? " back" : " on");
            }
            case RESTART_CAMERA -> {
                feeder.toCamera(fault.target(), Footage::restart);
                yield camera(fault);
            }
            case DISORDER -> {
                feeder.toCamera(fault.target(), camera -> camera.disturb(10 * Footage.FPS));
                yield camera(fault);
            }
            case POISON -> {
                feeder.send(new Poison(new SplittableRandom(fault.target())).records(camera(fault)));
                yield "under the key of " + camera(fault);
            }
            case FAIL_ONCE -> order(FaultyModel.Order.FAIL);
            case STALL_MODEL -> order(FaultyModel.Order.STALL);
            case EXHAUST_MEMORY -> order(FaultyModel.Order.EXHAUST);
            case FAIL_ALWAYS -> {
                int clips = fault.variant() ? CLIPS_IN_A_ROW : 1;
                feeder.toCamera(fault.target(), camera -> camera.curse(clips));
                yield "%d in a row of %s".formatted(clips, camera(fault));
            }
            case CORRUPT_STATE -> corrupt(fault);
            case FULL_DISK -> fillDisk(fault);
        };
    }

    /** What was asked for and has not happened yet: model faults wait for a call, or for a clip. */
    List<String> pending() {
        List<String> pending = new ArrayList<>(feeder.cursed());
        FaultyModel.pending(orders).forEach(order -> pending.add("the model's " + order));
        return pending;
    }

    private String killWorker(Planned fault) throws IOException, InterruptedException {
        Member member = worker(fault).member();
        member.kill();
        sleep(fault.length());
        member.start();
        return member.name();
    }

    private String stopWorker(Planned fault) throws IOException, InterruptedException {
        Member member = worker(fault).member();
        boolean inOrder = member.stop();
        sleep(fault.length());
        member.start();
        return member.name() + (inOrder ? "" : ", which did not end in time and was killed");
    }

    private String scale(Planned fault) throws IOException, InterruptedException {
        Worker worker = newcomer.add("extra-" + ++scaled, fault.variant());
        sleep(fault.length());
        boolean inOrder = worker.member().stop();
        workers.forget(worker);
        return worker.member().name()
                + (worker.encodes() ? " (encode)" : " (assemble)")
                + (inOrder ? "" : ", which did not end in time and was killed");
    }

    private static String freeze(Member member, Planned fault) throws IOException, InterruptedException {
        member.freeze();
        try {
            sleep(fault.length());
        } finally {
            member.thaw();
        }
        return member.name();
    }

    private String killBroker(int index, Planned fault) throws IOException, InterruptedException {
        Member node = cluster().node(index);
        node.kill();
        sleep(fault.length());
        node.start();
        return node.name();
    }

    private String network(CutProxy.Mode mode, Planned fault) throws InterruptedException {
        int index = fault.target() % cluster().size();
        List<CutProxy> proxies =
                fault.variant() ? cluster().proxies() : List.of(cluster().proxy(index));
        proxies.forEach(proxy -> proxy.set(mode));
        sleep(fault.length());
        proxies.forEach(proxy -> proxy.set(CutProxy.Mode.OPEN));
        return fault.variant() ? "all brokers" : cluster().node(index).name();
    }

    private String order(FaultyModel.Order order) throws IOException {
        FaultyModel.order(orders, order);
        return "the next call, whoever makes it";
    }

    /** Every file of the stores is overwritten, or only cut short; after an end in order, when a worker would trust them. */
    private String corrupt(Planned fault) throws IOException, InterruptedException {
        Worker worker = worker(fault);
        boolean inOrder = worker.member().stop();
        int files = 0;
        SplittableRandom random = new SplittableRandom(fault.target());
        Files.createDirectories(worker.state()); // it may never have come so far
        try (Stream<Path> inside = Files.walk(worker.state())) {
            for (Path file : inside.filter(Files::isRegularFile).toList()) {
                byte[] noise = new byte[(int) Math.min(LARGEST_NOISE, Files.size(file))];
                if (fault.variant()) {
                    random.nextBytes(noise);
                }
                Files.write(file, noise);
                files++;
            }
        }
        sleep(fault.length());
        worker.member().start();
        return "%s, %d files%s%s"
                .formatted(
                        worker.member().name(),
                        files,
                        fault.variant() ? " of noise" : " of zeros",
                        inOrder ? "" : ", after a kill");
    }

    private String fillDisk(Planned fault) throws IOException, InterruptedException {
        Worker worker = worker(fault);
        String pid = Long.toString(worker.member().pid());
        Tool.run(List.of("prlimit", "--pid", pid, "--fsize=1024:unlimited"));
        sleep(fault.length());
        boolean inOrder = worker.member().stop();
        worker.member().start();
        return worker.member().name() + (inOrder ? "" : ", which did not end in time and was killed");
    }

    private Worker worker(Planned fault) {
        List<Worker> all = workers.all();
        return all.get(fault.target() % all.size());
    }

    private String camera(Planned fault) {
        List<String> cameras = feeder.cameras();
        return cameras.get(fault.target() % cameras.size());
    }

    private Cluster cluster() {
        if (cluster == null) {
            throw new IllegalStateException("a fault of brokers that are not ours");
        }
        return cluster;
    }

    private static void sleep(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
