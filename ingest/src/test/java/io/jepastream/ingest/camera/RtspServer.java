package io.jepastream.ingest.camera;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A real RTSP server, small: one MPEG-4 visual stream (RFC 6416) over TCP, played in a loop to everyone who asks. */
final class RtspServer implements AutoCloseable {
    private static final int MAX_PAYLOAD = 1400;

    private final ServerSocket listener;
    private final List<byte[]> packets;
    private final int fps;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    /** Starts on a port of the loopback address, 0 for any. */
    RtspServer(int port, int fps, List<byte[]> packets) throws IOException {
        this.fps = fps;
        this.packets = packets;
        listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        daemon(this::acceptAll);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void daemon(Runnable work) {
        Thread thread = new Thread(work, "rtsp-server");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void acceptAll() {
        try {
            while (closed.getCount() > 0) {
                Socket client = listener.accept();
                clients.add(client);
                daemon(() -> serve(client));
            }
        } catch (IOException e) {
            // The listener was closed: the server is over.
            closed.countDown();
        }
    }

    private void serve(Socket client) {
        try (client) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = client.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String method = line.split(" ")[0];
                String sequence = "0";
                for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
                    sequence = header.startsWith("CSeq:") ? header.substring(5).strip() : sequence;
                }
                answer(out, method, sequence);
                if ("PLAY".equals(method)) {
                    play(out);
                    return;
                }
            }
        } catch (IOException e) {
            // The client went away, or the server was closed.
            clients.remove(client);
        }
    }

    private void answer(OutputStream out, String method, String sequence) throws IOException {
        String sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
                + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\na=framerate:" + fps
                + "\r\na=control:track0\r\n";
        String more = switch (method) {
            case "OPTIONS" -> "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n";
            case "DESCRIBE" -> "Content-Type: application/sdp\r\nContent-Length: " + sdp.length() + "\r\n\r\n" + sdp;
            case "SETUP" -> "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 7\r\n\r\n";
            default -> "Session: 7\r\n\r\n";
        };
        String text = "RTSP/1.0 200 OK\r\nCSeq: " + sequence + "\r\n" + more;
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void play(OutputStream out) throws IOException {
        int sequence = 0;
        try {
            for (int frame = 0; !closed.await(1000 / fps, TimeUnit.MILLISECONDS); frame++) {
                byte[] picture = packets.get(frame % packets.size());
                ByteArrayOutputStream burst = new ByteArrayOutputStream();
                for (int at = 0; at < picture.length; at += MAX_PAYLOAD) {
                    int length = Math.min(MAX_PAYLOAD, picture.length - at);
                    boolean last = at + length == picture.length;
                    burst.write(ByteBuffer.allocate(16)
                            .put((byte) '$')
                            .put((byte) 0)
                            .putShort((short) (12 + length))
                            .put((byte) 0x80)
                            .put((byte) (last ? 0x80 | 96 : 96))
                            .putShort((short) sequence++)
                            .putInt(frame * (90_000 / fps))
                            .putInt(0x1234)
                            .array());
                    burst.write(picture, at, length);
                }
                out.write(burst.toByteArray());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts every connection and stops listening; the port is free afterwards. */
    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket client : clients) {
            client.close();
        }
        for (Thread thread : threads) {
            // A socket lives on while a thread is in one of its calls.
            try {
                thread.join(5000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
