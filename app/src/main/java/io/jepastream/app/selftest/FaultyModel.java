package io.jepastream.app.selftest;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.ingest.media.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The fault hook of the encoding stage, off unless the system property {@value #PROPERTY} names a directory: a model that fails when a
 * file there asks for it, and always for a clip of one certain colour.
 *
 * <p>A file is one fault; its name is the {@link Order}'s. It is taken away before it is obeyed, so that each happens once.
 */
public final class FaultyModel implements ClipModel {
    /** The directory of orders. */
    public static final String PROPERTY = "jepa.selftest.orders";

    private static final Duration SLOW = Duration.ofSeconds(60);

    private final ClipModel model;
    private final Path orders;

    /** What can be asked for. */
    enum Order {
        /** The next call throws. */
        FAIL,
        /** The next call takes a minute. */
        STALL,
        /** The next call takes more memory than there is. */
        EXHAUST
    }

    private FaultyModel(ClipModel model, Path orders) {
        this.model = model;
        this.orders = orders;
    }

    /** The model itself, unless the property is set. */
    public static ClipModel ifAsked(ClipModel model) {
        String orders = System.getProperty(PROPERTY);
        return orders == null ? model : new FaultyModel(model, Path.of(orders));
    }

    /** The model with nothing but clips that it cannot bear: for the ground truth. */
    static ClipModel withoutOrders(ClipModel model) {
        return new FaultyModel(model, Path.of(""));
    }

    /** Asks a worker for a fault. */
    static void order(Path orders, Order order) throws IOException {
        Files.createDirectories(orders);
        Path file = orders.resolve(order.name());
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }

    /** Orders that no call has obeyed yet. */
    static List<String> pending(Path orders) {
        return Arrays.stream(Order.values())
                .map(Order::name)
                .filter(name -> Files.exists(orders.resolve(name)))
                .toList();
    }

    @Override
    public ModelIdentity identity() {
        return model.identity();
    }

    @Override
    public boolean takes(int frames) {
        return model.takes(frames);
    }

    @Override
    public PixelClip prepare(List<Picture> pictures) {
        return model.prepare(pictures);
    }

    @Override
    public List<ClipResult> infer(List<PixelClip> clips) {
        if (!orders.toString().isEmpty()) {
            obey();
        }
        for (PixelClip clip : clips) {
            if (isCursed(clip.toBytes())) {
                throw new IllegalArgumentException("a clip of the colour on which the self-test asks to fail");
            }
        }
        return model.infer(clips);
    }

    private void obey() {
        if (taken(Order.FAIL)) {
            throw new IllegalStateException("the self-test asks this call to fail");
        }
        if (taken(Order.STALL)) {
            try {
                Thread.sleep(SLOW.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted in a slow call", e);
            }
        }
        if (taken(Order.EXHAUST)) {
            int tooLarge = Integer.MAX_VALUE - 8;
            throw new IllegalStateException("there were %d bytes".formatted(new long[tooLarge].length * 8L));
        }
    }

    private boolean taken(Order order) {
        try {
            return Files.deleteIfExists(orders.resolve(order.name()));
        } catch (IOException e) {
            throw new UncheckedIOException("taking order %s failed".formatted(order), e);
        }
    }

    /** Whether the clip shows nothing but magenta, whichever way its colours lie: two thirds of it 255, the rest 0. */
    private static boolean isCursed(byte[] pixels) {
        int bright = 0;
        for (byte pixel : pixels) {
            if (pixel == -1) {
                bright++;
            } else if (pixel != 0) {
                return false;
            }
        }
        return 3L * bright == 2L * pixels.length;
    }
}
