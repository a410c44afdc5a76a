package io.jepastream.ingest.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_DISCARD;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import io.jepastream.ingest.media.SourceException.Reason;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/**
 * When each frame of a video file is shown, and where decoding may start. Read from the container without decoding
 * (an hour in about a second); a file whose packets do not say when they are shown is decoded once. Immutable.
 */
public final class VideoIndex {
    private final long[] micros;
    private final BitSet keyframes;

    /**
     * An index from its parts.
     *
     * @param micros strictly ascending, on the timeline of {@link FrameSource#timeMicros}; one per frame, at least one
     * @param keyframes numbers of frames that {@link FrameSource#seek} can reach; none: decode from the start
     */
    public VideoIndex(long[] micros, BitSet keyframes) {
        if (micros.length == 0) {
            throw new IllegalArgumentException("video index: want at least one frame, got none");
        }
        for (int i = 1; i < micros.length; i++) {
            if (micros[i] <= micros[i - 1]) {
                throw new IllegalArgumentException("video index: want ascending times, got %d after %d at frame %d"
                        .formatted(micros[i], micros[i - 1], i));
            }
        }
        this.micros = micros.clone();
        this.keyframes = (BitSet) keyframes.clone();
    }

    /**
     * Reads a file's index.
     *
     * @throws SourceException if the file cannot be read or holds no picture
     */
    public static VideoIndex of(Path video) throws SourceException {
        SourceUrl url = SourceUrl.parse(video.toString());
        Deadline deadline = new Deadline();
        deadline.arm(SourceOptions.DEFAULTS.openDeadline());
        long[] stamped;
        try (LibavInput input = LibavInput.open(url, SourceOptions.DEFAULTS, deadline)) {
            stamped = stamped(url, input, deadline);
        }
        return stamped.length > 0 ? of(stamped) : decoded(video, url);
    }

    /** Times of all packets, doubled, plus one for a keyframe; empty where a packet has no time or two have the same. */
    private static long[] stamped(SourceUrl url, LibavInput input, Deadline deadline) throws SourceException {
        long[] found = new long[256];
        int count = 0;
        boolean whole = true;
        AVPacket packet = av_packet_alloc();
        try {
            int code;
            deadline.arm(SourceOptions.DEFAULTS.readDeadline());
            while ((code = av_read_frame(input.format, packet)) >= 0) {
                boolean shown = packet.stream_index() == input.stream.index()
                        && packet.size() > 0
                        && (packet.flags() & AV_PKT_FLAG_DISCARD) == 0;
                if (shown) {
                    whole &= packet.pts() != AV_NOPTS_VALUE;
                    long key = (packet.flags() & AV_PKT_FLAG_KEY) != 0 ? 1 : 0;
                    found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
                    found[count++] = 2 * input.micros(packet.pts()) + key;
                }
                av_packet_unref(packet);
                deadline.arm(SourceOptions.DEFAULTS.readDeadline());
            }
            if (code != AVERROR_EOF) {
                throw new SourceException(
                        Reason.BROKEN, "source %s: want more packets, got %s".formatted(url, Libav.error(code)));
            }
        } finally {
            av_packet_free(packet);
        }
        long[] sorted = Arrays.copyOf(found, count);
        Arrays.sort(sorted);
        for (int i = 1; i < count; i++) {
            whole &= sorted[i] >> 1 != sorted[i - 1] >> 1;
        }
        return whole ? sorted : new long[0];
    }

    private static VideoIndex of(long[] stamped) {
        BitSet keys = new BitSet();
        long[] micros = new long[stamped.length];
        for (int i = 0; i < stamped.length; i++) {
            micros[i] = stamped[i] >> 1;
            keys.set(i, (stamped[i] & 1) == 1);
        }
        return new VideoIndex(micros, keys);
    }

    private static VideoIndex decoded(Path video, SourceUrl url) throws SourceException {
        long[] found = new long[256];
        int count = 0;
        try (FrameSource source = LibavSource.of(url, SourceOptions.DEFAULTS)) {
            source.open();
            while (source.next()) {
                found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
                long after = count == 0 ? Long.MIN_VALUE : found[count - 1];
                found[count++] = Math.max(source.timeMicros(), after + 1);
            }
        }
        if (count == 0) {
            throw new SourceException(
                    Reason.NOT_OPENED, "video %s: want at least one picture, got none".formatted(video));
        }
        return new VideoIndex(Arrays.copyOf(found, count), new BitSet());
    }

    /** Returns the number of frames, at least 1. */
    public int frames() {
        return micros.length;
    }

    /** Returns when frame {@code index} is shown, on the timeline of {@link FrameSource#timeMicros}. */
    public long micros(int index) {
        return micros[index];
    }

    /** Returns whether decoding may start at this frame. */
    public boolean isKeyframe(int index) {
        return keyframes.get(index);
    }

    /** Returns the last keyframe at or before this frame; -1: decode from the start. */
    public int keyframeBefore(int index) {
        return keyframes.previousSetBit(index);
    }

    /** Returns the average frames per second; 0 for a single picture. */
    public double fps() {
        return micros.length == 1 ? 0 : (micros.length - 1) * 1e6 / (micros[micros.length - 1] - micros[0]);
    }
}
