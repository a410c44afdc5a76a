package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_side_data_get;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_iterate;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_display_rotation_get;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import io.jepastream.ingest.media.SourceException.Reason;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/** An opened container with the decoder of its best video stream; owned and closed by {@link LibavSource}. */
final class LibavInput implements AutoCloseable {
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(2);

    final AVFormatContext format;
    final AVStream stream;
    final AVCodecContext codec;
    private final Deadline deadline;

    private LibavInput(AVFormatContext format, AVStream stream, AVCodecContext codec, Deadline deadline) {
        this.format = format;
        this.stream = stream;
        this.codec = codec;
        this.deadline = deadline;
    }

    /** Opens a source; the deadline is armed by the caller. */
    static LibavInput open(SourceUrl url, SourceOptions options, Deadline deadline) throws SourceException {
        Libav.load();
        if (url.kind() == SourceUrl.Kind.FILE && !new File(url.target()).isFile()) {
            throw new SourceException(Reason.NOT_OPENED, "video file: want an existing file, got " + url);
        }
        AVFormatContext format = avformat_alloc_context();
        format.interrupt_callback().callback(deadline);
        boolean done = false;
        try {
            connect(format, url, options, deadline);
            AVStream stream = videoStream(format, url, deadline);
            AVCodecContext codec = decoder(stream, url);
            done = true;
            return new LibavInput(format, stream, codec, deadline);
        } finally {
            if (!done && !format.isNull()) {
                deadline.arm(CLOSE_DEADLINE);
                avformat_close_input(format);
            }
        }
    }

    private static void connect(AVFormatContext format, SourceUrl url, SourceOptions options, Deadline deadline)
            throws SourceException {
        AVDictionary wanted = new AVDictionary(null);
        optionsOf(url, options).forEach((name, value) -> av_dict_set(wanted, name, value, 0));
        try {
            int code = avformat_open_input(format, address(url), inputFormat(url), wanted);
            if (code < 0) {
                throw failure(url, "want an answer", code, deadline);
            }
            List<String> unknown = new ArrayList<>();
            AVDictionaryEntry entry = null;
            while ((entry = av_dict_iterate(wanted, entry)) != null) {
                unknown.add(entry.key().getString());
            }
            if (!unknown.isEmpty()) {
                throw new SourceException(
                        Reason.BAD_OPTION, "source %s: want options that it knows, got %s".formatted(url, unknown));
            }
        } finally {
            av_dict_free(wanted);
        }
    }

    private static Map<String, String> optionsOf(SourceUrl url, SourceOptions options) {
        Map<String, String> all = new LinkedHashMap<>();
        String micros = Long.toString(options.readDeadline().toNanos() / 1000);
        switch (url.kind()) {
            case RTSP -> {
                all.put("rtsp_transport", options.transport() == SourceOptions.Transport.TCP ? "tcp" : "udp");
                all.put("timeout", micros);
            }
            case HTTP -> all.put("rw_timeout", micros);
            case UDP -> {
                all.put("overrun_nonfatal", "1");
                all.put("timeout", micros);
            }
            case FILE, V4L2, LAVFI, SYNTH -> {}
        }
        all.putAll(options.extra());
        return all;
    }

    private static String address(SourceUrl url) {
        return url.kind() == SourceUrl.Kind.FILE ? "file:" + url.target() : url.target();
    }

    private static @Nullable AVInputFormat inputFormat(SourceUrl url) throws SourceException {
        return switch (url.kind()) {
            case V4L2 -> webcams();
            case UDP -> av_find_input_format("mpegts");
            case FILE, RTSP, HTTP, LAVFI, SYNTH -> null;
        };
    }

    private static AVInputFormat webcams() throws SourceException {
        try {
            avdevice.avdevice_register_all();
        } catch (LinkageError e) {
            SourceException failure = new SourceException(
                    Reason.BAD_OPTION,
                    "webcam: want the system libraries that libavdevice needs (libpulse0, libasound2, libxcb1), got "
                            + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
        return av_find_input_format("video4linux2");
    }

    private static AVStream videoStream(AVFormatContext format, SourceUrl url, Deadline deadline)
            throws SourceException {
        int code = avformat_find_stream_info(format, (AVDictionary) null);
        if (code < 0 || deadline.isOver() || deadline.isCancelled()) {
            throw failure(url, "want streams that can be told apart", code, deadline);
        }
        int best = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
        if (best < 0) {
            throw failure(
                    url, "want a video stream among its %d streams".formatted(format.nb_streams()), best, deadline);
        }
        for (int i = 0; i < format.nb_streams(); i++) {
            if (i != best) {
                format.streams(i).discard(avcodec.AVDISCARD_ALL);
            }
        }
        return format.streams(best);
    }

    private static AVCodecContext decoder(AVStream stream, SourceUrl url) throws SourceException {
        AVCodecParameters parameters = stream.codecpar();
        AVCodec decoder = avcodec_find_decoder(parameters.codec_id());
        if (decoder == null) {
            throw new SourceException(
                    Reason.NOT_OPENED,
                    "source %s: want a video format that can be decoded, got %s"
                            .formatted(
                                    url, avcodec_get_name(parameters.codec_id()).getString()));
        }
        AVCodecContext codec = avcodec_alloc_context3(decoder);
        Libav.require(avcodec_parameters_to_context(codec, parameters), "decoder parameters");
        codec.thread_count(1);
        codec.pkt_timebase(stream.time_base());
        codec.max_pixels((long) PictureHeader.MAX_SIDE * PictureHeader.MAX_SIDE);
        int code = avcodec.avcodec_open2(codec, decoder, (AVDictionary) null);
        if (code < 0) {
            avcodec_free_context(codec);
            throw new SourceException(
                    Reason.NOT_OPENED, "source %s: want a working decoder, got %s".formatted(url, Libav.error(code)));
        }
        return codec;
    }

    /** Turns a return code into the exception that says why, the deadline and a cancellation first. */
    static SourceException failure(SourceUrl url, String wanted, int code, Deadline deadline) {
        if (deadline.isCancelled()) {
            return new SourceException(Reason.CANCELLED, "source %s: cancelled".formatted(url));
        }
        if (deadline.isOver()) {
            return new SourceException(
                    Reason.TIMED_OUT, "source %s: %s, got nothing before the deadline".formatted(url, wanted));
        }
        return new SourceException(
                Reason.NOT_OPENED, "source %s: %s, got %s".formatted(url, wanted, Libav.error(code)));
    }

    /** When the container's timeline starts, microseconds; 0 where it does not say. */
    long originMicros() {
        long start = format.start_time();
        return start == AV_NOPTS_VALUE ? 0 : start;
    }

    /** Ticks of the stream to microseconds since the container's start. */
    long micros(long ticks) {
        AVRational base = stream.time_base();
        return av_rescale(ticks, 1_000_000L * base.num(), base.den()) - originMicros();
    }

    /** Microseconds since the container's start to ticks of the stream. */
    long ticks(long micros) {
        AVRational base = stream.time_base();
        return av_rescale(micros + originMicros(), base.den(), 1_000_000L * base.num());
    }

    /** Clockwise quarter turns that the container asks for. */
    int quarterTurns() {
        AVCodecParameters parameters = stream.codecpar();
        AVPacketSideData side = av_packet_side_data_get(
                parameters.coded_side_data(), parameters.nb_coded_side_data(), AV_PKT_DATA_DISPLAYMATRIX);
        if (side == null || side.isNull() || side.size() < 36) {
            return 0;
        }
        double counterClockwise = av_display_rotation_get(new IntPointer(side.data()));
        return Double.isNaN(counterClockwise) ? 0 : Math.floorMod(Math.round(-counterClockwise / 90), 4);
    }

    @Override
    public void close() {
        avcodec_free_context(codec);
        deadline.arm(CLOSE_DEADLINE);
        avformat_close_input(format);
        deadline.disarm();
    }
}
