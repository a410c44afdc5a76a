package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.PointerPointer;

/** A container file with one video stream, being written. One thread; closed by whoever opened it. */
final class Muxer implements AutoCloseable {
    private final Path file;
    private final AVFormatContext format;
    private final AVStream stream;
    private final AVRational base = new AVRational();
    private AVIOContext io = new AVIOContext(null);

    /**
     * Opens the file and writes its head.
     *
     * @param file its name's end chooses the container; an old file is overwritten
     * @param ticks of the packets' time stamps, per second
     * @param parameters fills in what the stream holds
     */
    Muxer(Path file, int ticks, Consumer<AVCodecParameters> parameters) throws IOException {
        Libav.load();
        this.file = file;
        format = new AVFormatContext(null);
        int code = avformat_alloc_output_context2(format, (AVOutputFormat) null, (String) null, file.toString());
        if (code < 0) {
            throw new IOException("video %s: want a name that ends as a container's (mp4, mkv), got %s"
                    .formatted(file, Libav.error(code)));
        }
        stream = avformat_new_stream(format, null);
        base.num(1).den(ticks);
        stream.time_base(base);
        parameters.accept(stream.codecpar());
        boolean done = false;
        try {
            require(avio_open(io, file.toString(), AVIO_FLAG_WRITE), "a file that can be written");
            format.pb(io);
            require(avformat_write_header(format, (AVDictionary) null), "a container for this stream");
            done = true;
        } finally {
            if (!done) {
                free();
            }
        }
    }

    /** Sets the rate that players show. */
    static Muxer at(Path file, int fps, Consumer<AVCodecParameters> parameters) throws IOException {
        return new Muxer(file, fps, of -> {
            parameters.accept(of);
            of.framerate().num(fps).den(1);
        });
    }

    /** Writes a packet whose times are in our ticks; the packet is blank afterwards. */
    void write(AVPacket packet) throws IOException {
        packet.stream_index(0);
        if (packet.duration() == 0) {
            packet.duration(1);
        }
        av_packet_rescale_ts(packet, base, stream.time_base());
        require(av_interleaved_write_frame(format, packet), "room for another packet");
    }

    /** Writes the end of the file; without it most containers cannot be read. */
    void finish() throws IOException {
        require(av_write_trailer(format), "room for the end of the file");
    }

    private void require(int code, String what) throws IOException {
        if (code < 0) {
            throw new IOException("video %s: want %s, got %s".formatted(file, what, Libav.error(code)));
        }
    }

    private void free() {
        if (!io.isNull()) {
            avio_closep(new PointerPointer<>(1).put(io));
            io = new AVIOContext(null);
        }
        avformat_free_context(format);
    }

    @Override
    public void close() {
        free();
    }
}
