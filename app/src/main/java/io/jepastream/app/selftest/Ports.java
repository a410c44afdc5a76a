package io.jepastream.app.selftest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports that stay free: below the range from which the system gives ports to outgoing connections, where a client that knocks
 * at a dead broker could be given the broker's own port.
 */
final class Ports {
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 32_000;
    private static final int TRIES = 1000;

    private final Set<Integer> given = new HashSet<>();

    /** A port that nobody listens on, never the same twice. */
    int next() throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (given.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new IOException("no free port from %d to %d in %d tries".formatted(LOWEST, HIGHEST, TRIES));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException e) { // that is the answer
            return false;
        }
    }
}
