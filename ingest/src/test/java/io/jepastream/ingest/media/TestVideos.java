package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

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
        Picture first = picture.apply(0);
        try (VideoWriter writer = VideoWriter.open(file, settings(encoderName, fps), first.width(), first.height())) {
            for (int i = 0; i < frames; i++) {
                writer.write(picture.apply(i));
            }
            writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static VideoWriter.Settings settings(String encoder, int fps) {
        return new VideoWriter.Settings(encoder, fps, 2_000_000, 10);
    }

    /** Encodes pictures as an MPEG-4 visual stream whose headers are in band, one packet for each. */
    public static List<byte[]> mpeg4Packets(int fps, int frames, IntFunction<Picture> picture) {
        Libav.load();
        Picture first = picture.apply(0);
        AVCodecContext codec = VideoWriter.encoder(settings("mpeg4", fps), first.width(), first.height(), 0);
        AVPacket packet = av_packet_alloc();
        List<byte[]> packets = new ArrayList<>();
        try (PixelConverter converter = new PixelConverter()) {
            for (int i = 0; i < frames; i++) {
                VideoWriter.send(codec, converter, picture.apply(i), i);
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
}
