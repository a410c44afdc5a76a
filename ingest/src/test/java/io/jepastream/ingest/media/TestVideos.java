package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GBRP;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerPointer;

/** Writes small video files for tests, with libav itself. */
public final class TestVideos {
    private TestVideos() {}

    /**
     * Writes a video.
     *
     * @param file its name's end chooses the container: mp4, mkv, avi, ts
     * @param encoderName mpeg4, libopenh264 or mjpeg
     * @param fps frames per second
     * @param frames how many
     * @param picture the picture of each frame, all of one even size
     * @return the file
     */
    public static Path write(Path file, String encoderName, int fps, int frames, IntFunction<Picture> picture) {
        Libav.load();
        Picture first = picture.apply(0);
        AVFormatContext format = new AVFormatContext(null);
        Libav.require(
                avformat_alloc_output_context2(format, (AVOutputFormat) null, (String) null, file.toString()), "muxer");
        // A transport stream has no place for headers but in the stream itself.
        int flags = file.toString().endsWith(".ts") ? 0 : AV_CODEC_FLAG_GLOBAL_HEADER;
        AVCodecContext codec = encoder(encoderName, fps, first.width(), first.height(), flags);
        AVStream stream = avformat_new_stream(format, null);
        stream.time_base().num(1).den(fps);
        stream.avg_frame_rate().num(fps).den(1);
        Libav.require(avcodec_parameters_from_context(stream.codecpar(), codec), "parameters");
        AVIOContext io = new AVIOContext(null);
        Libav.require(avio_open(io, file.toString(), AVIO_FLAG_WRITE), "file");
        format.pb(io);
        Libav.require(avformat_write_header(format, (AVDictionary) null), "header");
        AVPacket packet = av_packet_alloc();
        try (PixelConverter converter = new PixelConverter()) {
            for (int i = 0; i < frames; i++) {
                send(codec, converter, picture.apply(i), i);
                drain(codec, format, stream, packet);
            }
            avcodec_send_frame(codec, null);
            drain(codec, format, stream, packet);
        }
        Libav.require(av_write_trailer(format), "trailer");
        av_packet_free(packet);
        avcodec_free_context(codec);
        avio_closep(new PointerPointer<>(1).put(io));
        avformat_free_context(format);
        return file;
    }

    /** Encodes pictures as an MPEG-4 visual stream whose headers are in band, one packet for each. */
    public static List<byte[]> mpeg4Packets(int fps, int frames, IntFunction<Picture> picture) {
        Libav.load();
        Picture first = picture.apply(0);
        AVCodecContext codec = encoder("mpeg4", fps, first.width(), first.height(), 0);
        AVPacket packet = av_packet_alloc();
        List<byte[]> packets = new ArrayList<>();
        try (PixelConverter converter = new PixelConverter()) {
            for (int i = 0; i < frames; i++) {
                send(codec, converter, picture.apply(i), i);
                while (avcodec_receive_packet(codec, packet) >= 0) {
                    byte[] bytes = new byte[packet.size()];
                    packet.data().get(bytes);
                    packets.add(bytes);
                }
            }
        }
        av_packet_free(packet);
        avcodec_free_context(codec);
        return packets;
    }

    private static AVCodecContext encoder(String name, int fps, int width, int height, int flags) {
        AVCodec encoder = avcodec_find_encoder_by_name(name);
        AVCodecContext codec = avcodec_alloc_context3(encoder);
        codec.width(width);
        codec.height(height);
        codec.pix_fmt(
                "mjpeg".equals(name) ? org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P);
        codec.time_base().num(1).den(fps);
        codec.framerate().num(fps).den(1);
        codec.gop_size(10);
        codec.bit_rate(2_000_000);
        codec.thread_count(1);
        codec.flags(codec.flags() | flags);
        Libav.open(codec, encoder, name);
        return codec;
    }

    private static void send(AVCodecContext codec, PixelConverter converter, Picture picture, int index) {
        AVFrame gbr = Libav.frame(picture.width(), picture.height(), AV_PIX_FMT_GBRP);
        int plane = picture.width() * picture.height();
        Libav.writePlane(picture.planes(), 0, picture.width(), gbr, 2);
        Libav.writePlane(picture.planes(), plane, picture.width(), gbr, 0);
        Libav.writePlane(picture.planes(), 2 * plane, picture.width(), gbr, 1);
        AVFrame yuv = converter.convert(gbr, picture.width(), picture.height(), codec.pix_fmt());
        yuv.pts(index);
        Libav.require(avcodec_send_frame(codec, yuv), "encode");
        av_frame_free(gbr);
    }

    private static void drain(AVCodecContext codec, AVFormatContext format, AVStream stream, AVPacket packet) {
        while (avcodec_receive_packet(codec, packet) >= 0) {
            packet.stream_index(0);
            if (packet.duration() == 0) {
                packet.duration(1);
            }
            av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
            Libav.require(av_interleaved_write_frame(format, packet), "write");
        }
    }
}
