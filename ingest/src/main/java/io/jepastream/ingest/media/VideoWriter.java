package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GBRP;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Pictures to a small video file of constant frame rate. The same pictures and settings give the same decoded frames.
 * The file is whole once {@link #finish} returned. One thread; closed by whoever opened it.
 */
public final class VideoWriter implements AutoCloseable {
    private final Muxer muxer;
    private final AVCodecContext codec;
    private final AVPacket packet;
    private final PixelConverter converter = new PixelConverter();
    private int count;

    /**
     * How pictures are compressed.
     *
     * @param encoder libopenh264 (H.264), mpeg4 or mjpeg
     * @param fps frames per second, 1 to 240
     * @param bitRate bits per second, 1000 or more
     * @param keyframes a picture that needs no other comes every so many frames, 1 or more
     */
    public record Settings(String encoder, int fps, int bitRate, int keyframes) {
        /** Checks. */
        public Settings {
            if (fps < 1 || fps > 240 || bitRate < 1000 || keyframes < 1) {
                throw new IllegalArgumentException("video: want 1 to 240 frames and 1000 bits or more per second, and"
                        + " keyframes every 1 frame or more, got %d, %d and %d".formatted(fps, bitRate, keyframes));
            }
        }

        /** H.264 with a keyframe every second. */
        public static Settings h264(int fps, int bitRate) {
            return new Settings("libopenh264", fps, bitRate, fps);
        }
    }

    private VideoWriter(Muxer muxer, AVCodecContext codec) {
        this.muxer = muxer;
        this.codec = codec;
        this.packet = av_packet_alloc();
    }

    /**
     * Opens a file; an old one is overwritten.
     *
     * @param file its name's end chooses the container: mp4, mkv, avi, ts
     * @param width of every picture, pixels, even
     * @param height of every picture, pixels, even
     * @throws IOException if the file cannot be written
     */
    public static VideoWriter open(Path file, Settings settings, int width, int height) throws IOException {
        Libav.load();
        // A transport stream has no place for headers but in the stream itself.
        int flags = file.toString().endsWith(".ts") ? 0 : AV_CODEC_FLAG_GLOBAL_HEADER;
        AVCodecContext codec = encoder(settings, width, height, flags);
        boolean done = false;
        try {
            Muxer muxer = Muxer.at(
                    file,
                    settings.fps(),
                    parameters -> Libav.require(avcodec_parameters_from_context(parameters, codec), "parameters"));
            done = true;
            return new VideoWriter(muxer, codec);
        } finally {
            if (!done) {
                avcodec_free_context(codec);
            }
        }
    }

    /** An opened encoder; the caller frees it. */
    static AVCodecContext encoder(Settings settings, int width, int height, int flags) {
        if (width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
            throw new IllegalArgumentException("video: want even sides, got %dx%d".formatted(width, height));
        }
        AVCodec encoder = avcodec_find_encoder_by_name(settings.encoder());
        if (encoder == null) {
            throw new IllegalArgumentException(
                    "video encoder: want libopenh264, mpeg4 or mjpeg, got " + settings.encoder());
        }
        AVCodecContext codec = avcodec_alloc_context3(encoder);
        codec.width(width);
        codec.height(height);
        codec.pix_fmt("mjpeg".equals(settings.encoder()) ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P);
        codec.time_base().num(1).den(settings.fps());
        codec.framerate().num(settings.fps()).den(1);
        codec.gop_size(settings.keyframes());
        codec.bit_rate(settings.bitRate());
        codec.thread_count(1);
        codec.flags(codec.flags() | flags);
        Libav.open(codec, encoder, settings.encoder());
        return codec;
    }

    /**
     * Appends a picture.
     *
     * @throws IOException if the file cannot be written
     */
    public void write(Picture picture) throws IOException {
        if (picture.width() != codec.width() || picture.height() != codec.height()) {
            throw new IllegalArgumentException("video: want pictures of %dx%d, got %dx%d"
                    .formatted(codec.width(), codec.height(), picture.width(), picture.height()));
        }
        send(codec, converter, picture, count++);
        drain();
    }

    /** Gives the encoder a picture. */
    static void send(AVCodecContext codec, PixelConverter converter, Picture picture, int index) {
        AVFrame gbr = Libav.frame(picture.width(), picture.height(), AV_PIX_FMT_GBRP);
        try {
            int plane = picture.width() * picture.height();
            Libav.writePlane(picture.planes(), 0, picture.width(), gbr, 2);
            Libav.writePlane(picture.planes(), plane, picture.width(), gbr, 0);
            Libav.writePlane(picture.planes(), 2 * plane, picture.width(), gbr, 1);
            AVFrame yuv = converter.convert(gbr, picture.width(), picture.height(), codec.pix_fmt());
            yuv.pts(index);
            Libav.require(avcodec_send_frame(codec, yuv), "encode");
        } finally {
            av_frame_free(gbr);
        }
    }

    private void drain() throws IOException {
        while (avcodec_receive_packet(codec, packet) >= 0) {
            muxer.write(packet);
        }
    }

    /**
     * Writes what the encoder still holds, and the end of the file. Nothing may be written afterwards.
     *
     * @throws IOException if the file cannot be written
     */
    public void finish() throws IOException {
        avcodec_send_frame(codec, null);
        drain();
        muxer.finish();
    }

    /** Frees everything. A file that was not finished is of no use. */
    @Override
    public void close() {
        converter.close();
        av_packet_free(packet);
        avcodec_free_context(codec);
        muxer.close();
    }
}
