package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame_rate;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_time_base;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_get_by_name;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_config;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_create_filter;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_parse2;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_inout_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_link;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import io.jepastream.ingest.media.SourceException.Reason;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avfilter.AVFilterInOut;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.jspecify.annotations.Nullable;

/**
 * A filter graph of libav that makes its own pictures, such as {@code testsrc2}. Read through libavfilter itself, since
 * libavdevice needs sound and window libraries that a server does not have.
 */
final class FilterSource implements FrameSource {
    private static final long MICROS = 1_000_000;
    private static final long FALLBACK_DURATION = 40_000;

    private final SourceUrl url;
    private final PictureScaler scaler = new PictureScaler();
    private volatile boolean cancelled;
    private @Nullable AVFilterGraph graph;
    private @Nullable AVFilterContext sink;
    private @Nullable AVFrame frame;
    private long time = Long.MIN_VALUE;
    private long end;

    FilterSource(SourceUrl url) {
        this.url = url;
    }

    @Override
    public void open() throws SourceException {
        if (graph != null) {
            throw new IllegalStateException("source %s: is open already".formatted(url));
        }
        requireGoing();
        AVFilterGraph made = avfilter_graph_alloc();
        graph = made;
        made.nb_threads(1);
        AVFilterContext out = new AVFilterContext(null);
        require(avfilter_graph_create_filter(out, avfilter_get_by_name("buffersink"), "out", null, null, made));
        AVFilterInOut inputs = new AVFilterInOut(null);
        AVFilterInOut outputs = new AVFilterInOut(null);
        try {
            require(avfilter_graph_parse2(made, url.target(), inputs, outputs));
            boolean oneOutput = !outputs.isNull() && inputs.isNull() && outputs.next() == null;
            if (!oneOutput) {
                throw new SourceException(
                        Reason.NOT_OPENED,
                        "filter graph %s: want no open input and one open output, got others".formatted(url));
            }
            require(avfilter_link(outputs.filter_ctx(), outputs.pad_idx(), out, 0));
        } finally {
            avfilter_inout_free(inputs);
            avfilter_inout_free(outputs);
        }
        require(avfilter_graph_config(made, null));
        sink = out;
        frame = av_frame_alloc();
    }

    private void require(int code) throws SourceException {
        if (code < 0) {
            throw new SourceException(
                    Reason.NOT_OPENED,
                    "filter graph %s: want filters and options that libav knows, got %s"
                            .formatted(url, Libav.error(code)));
        }
    }

    private void requireGoing() throws SourceException {
        if (cancelled) {
            throw new SourceException(Reason.CANCELLED, "source %s: cancelled".formatted(url));
        }
    }

    @Override
    public boolean next() throws SourceException {
        AVFilterContext from = sink;
        AVFrame to = frame;
        if (from == null || to == null) {
            throw new IllegalStateException("source %s: want open() before next()".formatted(url));
        }
        requireGoing();
        av_frame_unref(to);
        int code = av_buffersink_get_frame(from, to);
        if (code == AVERROR_EOF) {
            return false;
        }
        if (code < 0) {
            throw new SourceException(
                    Reason.BROKEN, "filter graph %s: want a picture, got %s".formatted(url, Libav.error(code)));
        }
        stamp(from, to);
        return true;
    }

    private void stamp(AVFilterContext from, AVFrame made) {
        AVRational base = av_buffersink_get_time_base(from);
        AVRational rate = av_buffersink_get_frame_rate(from);
        long duration = rate.num() > 0 ? MICROS * rate.den() / rate.num() : FALLBACK_DURATION;
        if (made.pts() == AV_NOPTS_VALUE) {
            time = time == Long.MIN_VALUE ? 0 : end;
        } else {
            time = av_rescale(made.pts(), MICROS * base.num(), base.den());
        }
        end = time + duration;
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
        AVFrame made = frame;
        if (made == null || time == Long.MIN_VALUE) {
            throw new IllegalStateException("source %s: want next() before picture()".formatted(url));
        }
        return scaler.scale(made, shortSide);
    }

    @Override
    public int takeDecodeErrors() {
        return 0;
    }

    @Override
    public boolean isLive() {
        return url.looksLive();
    }

    @Override
    public boolean isPaced() {
        return false;
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public void close() {
        if (frame != null) {
            av_frame_free(frame);
            frame = null;
        }
        sink = null;
        if (graph != null) {
            avfilter_graph_free(graph);
            graph = null;
        }
        scaler.close();
    }
}
