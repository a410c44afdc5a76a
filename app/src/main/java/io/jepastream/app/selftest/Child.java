package io.jepastream.app.selftest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/** A process of the harness: runs another main class, and ends when its parent is gone, however that went. */
public final class Child {
    private static final int ORPHAN = 99;

    private Child() {}

    /**
     * Runs a main class.
     *
     * @param args its name, then its own arguments
     */
    public static void main(String[] args) throws ReflectiveOperationException {
        Thread watch = new Thread(Child::endWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        try {
            Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("%s failed: %s".formatted(args[0], e.getCause()), e.getCause());
        }
    }

    /** The parent holds the other end of standard input and never writes. */
    private static void endWithParent() {
        try (InputStream in = System.in) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println("standard input failed, which is as good as its end: " + e.getMessage());
        }
        Runtime.getRuntime().halt(ORPHAN);
    }
}
