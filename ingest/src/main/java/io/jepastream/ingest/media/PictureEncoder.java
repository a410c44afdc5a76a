package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GBRP;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import io.jepastream.ingest.wire.ImageEncoding;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Pictures to bytes: JPEG, PNG or raw RGB24. The same picture gives the same bytes. Holds native memory until closed;
 * one per thread.
 */
public final class PictureEncoder implements AutoCloseable {
    /** The JPEG quality where nobody says otherwise. */
    public static final int DEFAULT_QUALITY = 95;

    private final ImageEncoding encoding;
    private final int scale;
    private final int format;
    private final PixelConverter converter = new PixelConverter();
    private final AVPacket packet;
    private @Nullable AVCodecContext codec;
    private @Nullable AVFrame input;
    private long count;

    /**
     * Prepares an encoder; sizes may change from picture to picture.
     *
     * @param encoding JPEG, PNG or RGB24
     * @param quality JPEG quality, 1 to 100, on the scale of the common JPEG library; ignored for PNG and RGB24. Colour is
     *     kept at half resolution, as video has it
     */
    public PictureEncoder(ImageEncoding encoding, int quality) {
        if (encoding == ImageEncoding.UNKNOWN) {
            throw new IllegalArgumentException("picture encoding: want JPEG, PNG or RGB24, got UNKNOWN");
        }
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("JPEG quality: want 1 to 100, got " + quality);
        }
        Libav.load();
        this.encoding = encoding;
        this.scale = scale(quality);
        this.format = encoding == ImageEncoding.JPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_RGB24;
        this.packet = av_packet_alloc();
    }

    /**
     * Maps the common quality to libav's quantiser scale, 1 (finest) to 31: quality says the percentage of the standard
     * table, and libav's table is an eighth of a similar one per step.
     */
    public static int scale(int quality) {
        double percent = quality < 50 ? 5000.0 / quality : 200.0 - 2.0 * quality;
        return (int) Math.max(1, Math.min(31, Math.round(percent / 12.5)));
    }

    /** Returns how this encoder writes pictures. */
    public ImageEncoding encoding() {
        return encoding;
    }

    /** Encodes one picture; the bytes belong to the caller. */
    public byte[] encode(Picture picture) {
        return encoding == ImageEncoding.RGB24 ? interleave(picture) : compress(picture);
    }

    private static byte[] interleave(Picture picture) {
        byte[] planes = picture.planes();
        int size = picture.width() * picture.height();
        byte[] rows = new byte[3 * size];
        for (int i = 0, at = 0; i < size; i++) {
            rows[at++] = planes[i];
            rows[at++] = planes[size + i];
            rows[at++] = planes[2 * size + i];
        }
        return rows;
    }

    private byte[] compress(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        AVCodecContext context = codec;
        AVFrame frame = input;
        if (context == null || frame == null || context.width() != width || context.height() != height) {
            release();
            context = open(width, height);
            frame = Libav.frame(width, height, AV_PIX_FMT_GBRP);
            codec = context;
            input = frame;
        }
        Libav.require(av_frame_make_writable(frame), "encoder input");
        int plane = width * height;
        Libav.writePlane(picture.planes(), 0, width, frame, 2);
        Libav.writePlane(picture.planes(), plane, width, frame, 0);
        Libav.writePlane(picture.planes(), 2 * plane, width, frame, 1);
        AVFrame converted = converter.convert(frame, width, height, format);
        converted.pts(count++);
        converted.quality(scale * FF_QP2LAMBDA);
        Libav.require(avcodec_send_frame(context, converted), "encoding of a " + encoding);
        Libav.require(avcodec_receive_packet(context, packet), "encoding of a " + encoding);
        byte[] bytes = new byte[packet.size()];
        packet.data().get(bytes);
        av_packet_unref(packet);
        return bytes;
    }

    private AVCodecContext open(int width, int height) {
        AVCodec encoder = avcodec_find_encoder(encoding == ImageEncoding.JPEG ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
        AVCodecContext context = avcodec_alloc_context3(encoder);
        context.width(width);
        context.height(height);
        context.pix_fmt(format);
        context.time_base().num(1).den(25);
        context.thread_count(1);
        if (encoding == ImageEncoding.JPEG) {
            context.color_range(AVCOL_RANGE_JPEG);
            context.flags(context.flags() | AV_CODEC_FLAG_QSCALE);
            context.qmin(1);
            context.qmax(31);
            context.global_quality(scale * FF_QP2LAMBDA);
        }
        Libav.open(context, encoder, encoding + " encoder for " + width + "x" + height);
        return context;
    }

    private void release() {
        if (codec != null) {
            avcodec_free_context(codec);
            codec = null;
        }
        if (input != null) {
            av_frame_free(input);
            input = null;
        }
    }

    @Override
    public void close() {
        release();
        converter.close();
        av_packet_free(packet);
    }
}
