package io.jepastream.trainer.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of files that can be made again, of a bounded size. Other processes' files are counted at the start and after
 * every {@value #RECOUNT} files, so several processes may together exceed the bound by what they write in between.
 * Thread-safe.
 */
final class CacheFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);
    private static final int RECOUNT = 256;
    private static final String UNFINISHED = ".part";
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path folder;
    private final long mostBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicBoolean broken = new AtomicBoolean();
    private final AtomicBoolean saidFull = new AtomicBoolean();

    /** Writes a file's content. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private CacheFolder(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    static CacheFolder open(Path folder, long mostBytes) throws IOException {
        Files.createDirectories(folder);
        CacheFolder opened = new CacheFolder(folder, mostBytes);
        opened.count();
        return opened;
    }

    /** Where a thing of this name is kept. */
    Path file(String name, String ending) {
        byte[] digest;
        try {
            digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        String hex = HexFormat.of().formatHex(digest, 0, 16);
        return folder.resolve(hex.substring(0, 2)).resolve(hex.substring(2) + "." + ending);
    }

    /** Whether nothing more is kept. */
    boolean isFull() {
        boolean full = bytes.get() >= mostBytes;
        if (full && saidFull.compareAndSet(false, true)) {
            LOG.warn("frame cache {} is full ({} MB): what is not in it is decoded every time", folder, mb(mostBytes));
        }
        return full || broken.get();
    }

    private static long mb(long bytes) {
        return bytes / 1_000_000;
    }

    /** Writes a file whole or not at all. One that cannot be written is said once, and nothing more is kept. */
    void write(Path file, Content content) throws InterruptedIOException {
        Path unfinished = file.resolveSibling(file.getFileName() + "."
                + Long.toHexString(java.util.UUID.randomUUID().getMostSignificantBits()) + UNFINISHED);
        try {
            Files.createDirectories(parent(file));
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(unfinished), 1 << 16)) {
                content.writeTo(out);
            }
            long size = Files.size(unfinished);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            bytes.addAndGet(size);
            if (written.incrementAndGet() % RECOUNT == 0) {
                count();
            }
        } catch (ClosedByInterruptException e) {
            discard(unfinished);
            throw interrupted(e);
        } catch (IOException e) {
            discard(unfinished);
            if (broken.compareAndSet(false, true)) {
                LOG.warn("frame cache {} cannot be written ({}): nothing more is kept", folder, e.toString());
            }
        }
    }

    private Path parent(Path file) {
        Path parent = file.getParent();
        return parent == null ? folder : parent;
    }

    private static InterruptedIOException interrupted(IOException cause) {
        InterruptedIOException interrupted = new InterruptedIOException("frame cache: interrupted");
        interrupted.initCause(cause);
        return interrupted;
    }

    private static void discard(Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            LOG.debug("{} is left over", unfinished, e);
        }
    }

    /** Adds up what is there, and removes what a process that died has left unfinished. */
    private void count() throws IOException {
        Instant old = Instant.now().minus(ABANDONED);
        long sum = 0;
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> files = walk.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                sum += size(file, old);
            }
        } catch (UncheckedIOException e) {
            throw new IOException("frame cache %s: %s".formatted(folder, e.getMessage()), e);
        }
        bytes.set(sum);
    }

    private static long size(Path file, Instant old) {
        try {
            if (file.toString().endsWith(UNFINISHED)
                    && Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
                Files.deleteIfExists(file);
                return 0;
            }
            return Files.size(file);
        } catch (IOException e) {
            return 0; // another process has moved or removed it
        }
    }
}
