package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_EF_CRCCHECK;
import static org.bytedeco.ffmpeg.global.avcodec.AV_EF_EXPLODE;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.jepastream.ingest.wire.ImageEncoding;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Bytes to pictures, the inverse of {@link PictureEncoder}, for bytes that nobody has vouched for. The same bytes give
 * the same picture, whatever was decoded before. Holds native memory until closed; one per thread.
 */
public final class PictureDecoder implements AutoCloseable {
    private final PixelConverter converter = new PixelConverter();
    private final AVPacket packet;
    private final AVFrame frame;

    /** Prepares a decoder for pictures of any size and encoding. */
    public PictureDecoder() {
        Libav.load();
        packet = av_packet_alloc();
        frame = av_frame_alloc();
    }

    /**
     * Decodes one picture, after its header passed {@link PictureHeader#check}.
     *
     * @param encoding how the bytes hold the picture
     * @param data the encoded picture
     * @param width the wanted width, pixels
     * @param height the wanted height, pixels
     * @throws PictureException when the bytes are not a whole picture of that size
     */
    public Picture decode(ImageEncoding encoding, byte[] data, int width, int height) throws PictureException {
        PictureHeader.check(encoding, data, width, height);
        return encoding == ImageEncoding.RGB24 ? separate(data, width, height) : expand(encoding, data, width, height);
    }

    private static Picture separate(byte[] rows, int width, int height) {
        int size = width * height;
        byte[] planes = new byte[3 * size];
        for (int i = 0, at = 0; i < size; i++) {
            planes[i] = rows[at++];
            planes[size + i] = rows[at++];
            planes[2 * size + i] = rows[at++];
        }
        return new Picture(width, height, planes);
    }

    private Picture expand(ImageEncoding encoding, byte[] data, int width, int height) throws PictureException {
        AVCodecContext context = open(encoding);
        Libav.require(av_new_packet(packet, data.length), "packet of " + data.length + " bytes");
        packet.data().put(data, 0, data.length);
        try {
            int code = avcodec_send_packet(context, packet);
            if (code >= 0) {
                code = avcodec_receive_frame(context, frame);
            }
            if (code < 0) {
                throw new PictureException("%s picture of %dx%d: want pixels, got the decoder's error %s"
                        .formatted(encoding, width, height, Libav.error(code)));
            }
            if (frame.width() != width || frame.height() != height || frame.decode_error_flags() != 0) {
                throw new PictureException("%s picture: want a whole %dx%d, got %dx%d with error flags %d"
                        .formatted(encoding, width, height, frame.width(), frame.height(), frame.decode_error_flags()));
            }
            return converter.picture(frame, width, height);
        } finally {
            av_packet_unref(packet);
            av_frame_unref(frame);
            avcodec_free_context(context);
        }
    }

    /** A decoder for one picture: libav's keep tables and bit depths of the picture before, damaged ones included. */
    private static AVCodecContext open(ImageEncoding encoding) {
        AVCodec decoder = avcodec_find_decoder(encoding == ImageEncoding.JPEG ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
        AVCodecContext context = avcodec_alloc_context3(decoder);
        context.thread_count(1);
        context.err_recognition(AV_EF_CRCCHECK | AV_EF_EXPLODE);
        context.max_pixels(PictureHeader.MAX_PIXELS);
        Libav.open(context, decoder, encoding + " decoder");
        return context;
    }

    @Override
    public void close() {
        converter.close();
        av_packet_free(packet);
        av_frame_free(frame);
    }
}
