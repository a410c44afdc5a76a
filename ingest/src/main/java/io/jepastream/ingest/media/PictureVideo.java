package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;

import io.jepastream.ingest.wire.ImageEncoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** Compressed pictures put into a video file as they are: no pixel changes. */
public final class PictureVideo {
    private static final int MILLIS = 1000;

    private PictureVideo() {}

    /**
     * Writes a Matroska file.
     *
     * @param file ends in .mkv; an old one is overwritten
     * @param encoding of all pictures, JPEG or PNG
     * @param width of all pictures, pixels
     * @param height of all pictures, pixels
     * @param pictures compressed, in order
     * @param micros length of the whole, spread equally over the pictures
     * @throws IOException if the file cannot be written
     */
    public static void write(
            Path file, ImageEncoding encoding, int width, int height, List<byte[]> pictures, long micros)
            throws IOException {
        if (encoding != ImageEncoding.JPEG && encoding != ImageEncoding.PNG) {
            throw new IllegalArgumentException("pictures of a video: want JPEG or PNG, got " + encoding);
        }
        AVPacket packet = av_packet_alloc();
        try (Muxer muxer = new Muxer(
                file,
                MILLIS,
                parameters -> parameters
                        .codec_type(AVMEDIA_TYPE_VIDEO)
                        .codec_id(encoding == ImageEncoding.JPEG ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG)
                        .width(width)
                        .height(height))) {
            for (int i = 0; i < pictures.size(); i++) {
                byte[] data = pictures.get(i);
                Libav.require(av_new_packet(packet, data.length), "packet of " + data.length + " bytes");
                packet.data().put(data, 0, data.length);
                long start = millis(micros, i, pictures.size());
                packet.pts(start);
                packet.dts(start);
                packet.duration(millis(micros, i + 1, pictures.size()) - start);
                packet.flags(packet.flags() | AV_PKT_FLAG_KEY);
                muxer.write(packet);
            }
            muxer.finish();
        } finally {
            av_packet_free(packet);
        }
    }

    private static long millis(long micros, int index, int count) {
        return Math.round(micros * (double) index / count / MILLIS);
    }
}
