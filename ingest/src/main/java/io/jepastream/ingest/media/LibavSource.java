package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_flush_buffers;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_frame_rate;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_seek_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import io.jepastream.ingest.media.SourceException.Reason;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.jspecify.annotations.Nullable;

/**
 * What libav demuxes and decodes: files, RTSP, HTTP and HLS, MPEG-TS over UDP, webcams. Decodes on the
 * calling thread only. Pixels count as square; a rotation by quarter turns that the container asks for is applied.
 * A picture that the decoder flags as damaged is counted, not delivered.
 */
public final class LibavSource implements FrameSource {
    private static final long MICROS = 1_000_000;
    private static final long FALLBACK_DURATION = 40_000;
    private static final int CORRUPT = 1; // AV_FRAME_FLAG_CORRUPT, which the bindings leave out
    private static final int MAX_DRAIN_ERRORS = 100;

    private final SourceUrl url;
    private final SourceOptions options;
    private final Deadline deadline = new Deadline();
    private final PictureScaler scaler = new PictureScaler();
    private @Nullable LibavInput input;
    private @Nullable AVPacket packet;
    private @Nullable AVFrame frame;
    private boolean live;
    private int quarterTurns;
    private long originMicros;
    private long frameDuration = FALLBACK_DURATION;
    private long time = Long.MIN_VALUE;
    private long end;
    private int decodeErrors;
    private boolean draining;
    private int drainErrors;

    private LibavSource(SourceUrl url, SourceOptions options) {
        this.url = url;
        this.options = options;
        this.live = url.looksLive();
    }

    /**
     * Makes the source for an address, without opening it.
     *
     * @param url any kind but {@link SourceUrl.Kind#SYNTH}
     */
    public static FrameSource of(SourceUrl url, SourceOptions options) {
        Libav.load();
        return switch (url.kind()) {
            case FILE, RTSP, HTTP, UDP, V4L2 -> new LibavSource(url, options);
            case LAVFI -> new FilterSource(url);
            case SYNTH ->
                throw new IllegalArgumentException("libav source: want a source that libav opens, got " + url);
        };
    }

    @Override
    public void open() throws SourceException {
        if (input != null) {
            throw new IllegalStateException("source %s: is open already".formatted(url));
        }
        deadline.arm(options.openDeadline());
        try {
            LibavInput opened = LibavInput.open(url, options, deadline);
            input = opened;
            packet = av_packet_alloc();
            frame = av_frame_alloc();
            quarterTurns = opened.quarterTurns();
            live = url.kind() == SourceUrl.Kind.HTTP ? opened.format.duration() <= 0 : url.looksLive();
            originMicros = live ? 0 : opened.originMicros();
            AVRational rate = av_guess_frame_rate(opened.format, opened.stream, null);
            frameDuration = rate.num() > 0 ? MICROS * rate.den() / rate.num() : FALLBACK_DURATION;
        } finally {
            deadline.disarm();
        }
    }

    @Override
    public boolean next() throws SourceException {
        LibavInput from = input;
        AVFrame to = frame;
        AVPacket unit = packet;
        if (from == null || to == null || unit == null) {
            throw new IllegalStateException("source %s: want open() before next()".formatted(url));
        }
        deadline.arm(options.readDeadline());
        try {
            return decode(from, unit, to);
        } finally {
            deadline.disarm();
        }
    }

    @Override
    public boolean seek(long micros) throws SourceException {
        LibavInput from = input;
        if (from == null) {
            throw new IllegalStateException("source %s: want open() before seek()".formatted(url));
        }
        if (url.kind() != SourceUrl.Kind.FILE) {
            return false;
        }
        deadline.arm(options.readDeadline());
        try {
            int code = av_seek_frame(from.format, from.stream.index(), from.ticks(micros), AVSEEK_FLAG_BACKWARD);
            if (code < 0) {
                return false;
            }
            avcodec_flush_buffers(from.codec);
            draining = false;
            drainErrors = 0;
            time = Long.MIN_VALUE;
            return true;
        } finally {
            deadline.disarm();
        }
    }

    private boolean decode(LibavInput from, AVPacket unit, AVFrame to) throws SourceException {
        while (true) {
            int code = avcodec_receive_frame(from.codec, to);
            if (code >= 0) {
                boolean damaged = to.decode_error_flags() != 0 || (to.flags() & CORRUPT) != 0;
                stamp(from, to);
                if (!damaged) {
                    return true;
                }
                decodeErrors++;
            } else if (code == AVERROR_EOF || drainErrors > MAX_DRAIN_ERRORS) {
                return false;
            } else if (code == AVERROR_EAGAIN()) {
                feed(from, unit);
            } else {
                decodeErrors++;
                if (draining) {
                    drainErrors++;
                } else {
                    feed(from, unit);
                }
            }
            if (deadline.isCancelled() || (live && deadline.isOver())) {
                throw LibavInput.failure(url, "want a frame", 0, deadline);
            }
        }
    }

    /** Gives the decoder its next packet, or tells it that there are no more. */
    private void feed(LibavInput from, AVPacket unit) throws SourceException {
        int code = av_read_frame(from.format, unit);
        if (code == AVERROR_EOF && !deadline.isOver() && !deadline.isCancelled()) {
            draining = true;
            avcodec_send_packet(from.codec, null);
            return;
        }
        if (code == AVERROR_EAGAIN()) {
            Thread.onSpinWait();
            return;
        }
        if (code < 0) {
            SourceException failure = LibavInput.failure(url, "want more packets", code, deadline);
            throw failure.reason() == Reason.NOT_OPENED
                    ? new SourceException(Reason.BROKEN, String.valueOf(failure.getMessage()))
                    : failure;
        }
        try {
            if (unit.stream_index() == from.stream.index() && avcodec_send_packet(from.codec, unit) < 0) {
                decodeErrors++;
            }
        } finally {
            av_packet_unref(unit);
        }
    }

    private void stamp(LibavInput from, AVFrame decoded) {
        AVRational base = from.stream.time_base();
        long ticks = decoded.best_effort_timestamp();
        long duration = decoded.duration() > 0 ? av_rescale(decoded.duration(), MICROS * base.num(), base.den()) : 0;
        if (ticks != AV_NOPTS_VALUE) {
            time = av_rescale(ticks, MICROS * base.num(), base.den()) - originMicros;
        } else {
            time = time == Long.MIN_VALUE ? 0 : end;
        }
        end = time + (duration > 0 ? duration : frameDuration);
    }

    @Override
    public long timeMicros() {
        return time;
    }

    @Override
    public long endMicros() {
        return end;
    }

    @Override
    public Picture picture(int shortSide) throws PictureException {
        AVFrame decoded = frame;
        if (decoded == null || time == Long.MIN_VALUE) {
            throw new IllegalStateException("source %s: want next() before picture()".formatted(url));
        }
        return scaler.scale(decoded, shortSide).turned(quarterTurns);
    }

    @Override
    public int takeDecodeErrors() {
        int errors = decodeErrors;
        decodeErrors = 0;
        return errors;
    }

    @Override
    public boolean isLive() {
        return live;
    }

    @Override
    public boolean isPaced() {
        return live;
    }

    @Override
    public void cancel() {
        deadline.cancel();
    }

    @Override
    public long overdueNanos() {
        return deadline.overdueNanos();
    }

    @Override
    public void close() {
        LibavInput from = input;
        if (from != null) {
            from.close();
            input = null;
        }
        if (packet != null) {
            av_packet_free(packet);
            packet = null;
        }
        if (frame != null) {
            av_frame_free(frame);
            frame = null;
        }
        scaler.close();
    }
}
