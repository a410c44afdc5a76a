package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_NCL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GBRP;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/**
 * Size and pixel-format conversion, bilinear with exact rounding and full chroma, so the same input gives the same
 * bytes. Keeps its context and its output frame for as long as the sizes stay; one per thread.
 */
final class PixelConverter implements AutoCloseable {
    private static final int FLAGS = swscale.SWS_BILINEAR | swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INT;
    private static final int ONE = 1 << 16;

    private record Job(int width, int height, int format, int space, int range, int toWidth, int toHeight, int to) {}

    private @Nullable Job job;
    private @Nullable SwsContext context;
    private @Nullable AVFrame output;

    /** Converts; the returned frame belongs to this converter and is valid until the next call. */
    AVFrame convert(AVFrame frame, int width, int height, int format) {
        Job wanted = new Job(
                frame.width(),
                frame.height(),
                frame.format(),
                frame.colorspace(),
                frame.color_range(),
                width,
                height,
                format);
        AVFrame to = output;
        if (to == null || !wanted.equals(job)) {
            close();
            context = prepare(wanted);
            to = Libav.frame(width, height, format);
            output = to;
            job = wanted;
        }
        Libav.require(av_frame_make_writable(to), "conversion output");
        Libav.require(swscale.sws_scale_frame(context, to, frame), "conversion of " + wanted);
        return to;
    }

    /** Converts to planar RGB. */
    Picture picture(AVFrame frame, int width, int height) {
        AVFrame gbr = convert(frame, width, height, AV_PIX_FMT_GBRP);
        int plane = width * height;
        byte[] rgb = new byte[3 * plane];
        Libav.readPlane(gbr, 2, width, rgb, 0);
        Libav.readPlane(gbr, 0, width, rgb, plane);
        Libav.readPlane(gbr, 1, width, rgb, 2 * plane);
        return new Picture(width, height, rgb);
    }

    private static SwsContext prepare(Job job) {
        SwsContext context = swscale.sws_getContext(
                job.width, job.height, job.format, job.toWidth, job.toHeight, job.to, FLAGS, null, null, (DoublePointer)
                        null);
        if (context == null) {
            throw new IllegalStateException("conversion: want pixel formats that libav can convert, got " + job);
        }
        IntPointer matrix = swscale.sws_getCoefficients(matrix(job.space));
        IntPointer jfif = swscale.sws_getCoefficients(swscale.SWS_CS_ITU601);
        int fromFull = job.range == AVCOL_RANGE_JPEG || isFull(job.format) ? 1 : 0;
        // Negative where neither side is YUV: nothing to set then.
        swscale.sws_setColorspaceDetails(context, matrix, fromFull, jfif, isFull(job.to) ? 1 : 0, 0, ONE, ONE);
        return context;
    }

    private static int matrix(int space) {
        if (space == AVCOL_SPC_BT709) {
            return swscale.SWS_CS_ITU709;
        }
        return space == AVCOL_SPC_BT2020_NCL ? swscale.SWS_CS_BT2020 : swscale.SWS_CS_ITU601;
    }

    private static boolean isFull(int format) {
        return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P;
    }

    @Override
    public void close() {
        if (context != null) {
            swscale.sws_freeContext(context);
            context = null;
        }
        if (output != null) {
            av_frame_free(output);
            output = null;
        }
        job = null;
    }
}
