package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;

/** The few things that every user of libav here shares: start-up, error texts, rows of pixels. */
final class Libav {
    private static final String PHYSICAL_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

    static {
        // JavaCPP refuses to allocate once the process is larger than a multiple of the heap, which a process that also
        // holds a model always is. Must be set before its first class loads.
        if (System.getProperty(PHYSICAL_LIMIT) == null) {
            System.setProperty(PHYSICAL_LIMIT, "0");
        }
        // libav prints URLs, passwords included, so it never gets to print.
        av_log_set_level(AV_LOG_QUIET);
        avformat.avformat_network_init();
    }

    private Libav() {}

    /** Loads the native libraries, once. */
    static void load() {
        // The class initialiser did it.
    }

    /** Says what a negative return code means, for people. */
    static String error(int code) {
        byte[] text = new byte[128];
        av_strerror(code, text, text.length);
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8) + " (" + code + ")";
    }

    /** Throws on an error that only a broken build of libav or an exhausted memory can cause. */
    static void require(int code, String what) {
        if (code < 0) {
            throw new IllegalStateException(what + ": want success, got " + error(code));
        }
    }

    static void open(AVCodecContext context, AVCodec codec, String what) {
        require(avcodec.avcodec_open2(context, codec, (AVDictionary) null), what);
    }

    /** Copies one plane of a frame into an array, without the padding of its rows. */
    static void readPlane(AVFrame frame, int plane, int rowBytes, byte[] to, int offset) {
        int stride = frame.linesize(plane);
        ByteBuffer from = rows(frame, plane, rowBytes);
        for (int y = 0; y < frame.height(); y++) {
            from.get(y * stride, to, offset + y * rowBytes, rowBytes);
        }
    }

    /** Copies rows without padding into one plane of a frame. */
    static void writePlane(byte[] from, int offset, int rowBytes, AVFrame frame, int plane) {
        int stride = frame.linesize(plane);
        ByteBuffer to = rows(frame, plane, rowBytes);
        for (int y = 0; y < frame.height(); y++) {
            to.put(y * stride, from, offset + y * rowBytes, rowBytes);
        }
    }

    /** A plane as Java sees memory: a native call for each row costs more than its copy. Only while the frame lives. */
    private static ByteBuffer rows(AVFrame frame, int plane, int rowBytes) {
        long bytes = (frame.height() - 1L) * frame.linesize(plane) + rowBytes;
        return frame.data(plane).capacity(bytes).asByteBuffer();
    }

    /** Allocates a frame of a size and pixel format; the caller frees it. */
    static AVFrame frame(int width, int height, int format) {
        AVFrame frame = org.bytedeco.ffmpeg.global.avutil.av_frame_alloc();
        frame.width(width);
        frame.height(height);
        frame.format(format);
        require(org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer(frame, 0), "frame of " + width + "x" + height);
        return frame;
    }
}
