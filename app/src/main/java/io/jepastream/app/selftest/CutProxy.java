package io.jepastream.app.selftest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A piece of network in front of one broker that can be cut, blocked or slow. */
final class CutProxy implements AutoCloseable {
    /** What the network does. */
    enum Mode {
        /** Everything passes. */
        OPEN,
        /** Connections break, new ones are closed at once. */
        CUT,
        /** Connections stay and carry nothing. */
        BLOCKED,
        /** Everything passes late. */
        SLOW
    }

    private static final int CHUNK = 64 << 10;
    private static final long STACK = 128 << 10;
    private static final Duration DELAY = Duration.ofMillis(250);

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Object change = new Object();
    private volatile Mode mode = Mode.OPEN;

    /** Listens on a loopback port and passes on to another. */
    CutProxy(int port, int target) throws IOException {
        this.target = target;
        server = new ServerSocket(port, 256, InetAddress.getLoopbackAddress());
        thread("accept", this::accept);
    }

    /** Changes the network. */
    void set(Mode wanted) {
        mode = wanted;
        synchronized (change) {
            change.notifyAll();
        }
        if (wanted == Mode.CUT) {
            sockets.forEach(CutProxy::shut);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        set(Mode.CUT);
    }

    private void accept() {
        try {
            while (true) {
                connect(server.accept());
            }
        } catch (IOException e) { // closed
            set(Mode.CUT);
        }
    }

    private void connect(Socket client) {
        Socket broker = new Socket();
        try {
            if (mode == Mode.CUT) {
                throw new IOException("cut");
            }
            broker.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5000);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
        } catch (IOException e) { // the client sees its connection closed, as by a broker that is down
            shut(client);
            shut(broker);
            return;
        }
        sockets.add(client);
        sockets.add(broker);
        thread("to-broker", () -> pump(client, broker));
        thread("to-client", () -> pump(broker, client));
    }

    private void pump(Socket from, Socket to) {
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                obey();
                out.write(chunk, 0, n);
            }
        } catch (IOException e) { // one side is gone: so is the other, below
            sockets.remove(from);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        shut(from);
        shut(to);
        sockets.remove(from);
        sockets.remove(to);
    }

    /** Waits as long as the network wants. */
    private void obey() throws IOException, InterruptedException {
        if (mode == Mode.SLOW) {
            Thread.sleep(DELAY.toMillis());
        }
        synchronized (change) {
            while (mode == Mode.BLOCKED) {
                change.wait();
            }
        }
        if (mode == Mode.CUT) {
            throw new IOException("cut");
        }
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a socket failed", e);
        }
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(null, work, "proxy-" + name, STACK);
        thread.setDaemon(true);
        thread.start();
    }
}
