package io.jepastream.ingest.media;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a camera's pictures come from. What it prints never shows user names, passwords or tokens; only
 * {@link #secret()} does.
 */
public final class SourceUrl {
    /** The ways to get at pictures. */
    public enum Kind {
        /** A video file: a path, or {@code file:path}. */
        FILE,
        /** {@code rtsp://} or {@code rtsps://}. */
        RTSP,
        /** {@code http://} or {@code https://}: a video, a stream or an HLS playlist. */
        HTTP,
        /** {@code udp://host:port}: MPEG-TS. */
        UDP,
        /** A webcam: {@code /dev/video0} or {@code v4l2:/dev/video0}. */
        V4L2,
        /** A filter graph of libav: {@code lavfi:testsrc2=size=340x256:rate=15}. */
        LAVFI,
        /** A generated camera: {@code synth:motion=pan-left,seed=1} or {@code synth:tour,seed=7}. */
        SYNTH
    }

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final int LONGEST = 4096;
    // Also with one slash or none, as typed in haste, and inside of a filter graph or of another address.
    private static final Pattern AUTHORITY = Pattern.compile(
            "(?i)(?:(?:rtsps?|https?|udp|tcp|rtmps?|srt|ftp)\\\\*:/{0,2}|[a-z][a-z0-9+.-]*\\\\*:/{1,2})");
    private static final Pattern NO_SCHEME = Pattern.compile("^[^/:@\\s]+:[^@]*@");
    private static final Pattern NO_SCHEME_INSIDE = Pattern.compile(
            "(?<![^\\s'\"=(\\[])[^/:@\\s'\"=\\\\]{1,128}:" + "(?![/\\\\]|\\*\\*\\*@)[^@\\s'\"=]{1,256}@");
    private static final Pattern PARAMETER = Pattern.compile("[?&;#,][^?&;#,=]*=");
    private static final Pattern VALUE_END = Pattern.compile("[&;#]|$");
    private static final Pattern SECRET =
            Pattern.compile("(?i)token|key|secret|pass|pwd|auth|sig|credential|user|login|session");
    private static final Pattern FINITE = Pattern.compile("(?:^|.*[:=,])(?:d|duration)=.*");
    private static final List<String> FORMS = List.of(
            "a video file",
            "rtsp://",
            "http://",
            "https://",
            "udp://",
            "/dev/videoN",
            "v4l2:DEVICE",
            "lavfi:GRAPH",
            "synth:SETTINGS");

    private final String text;
    private final Kind kind;

    private SourceUrl(String text, Kind kind) {
        this.text = text;
        this.kind = kind;
    }

    /**
     * Understands a camera's address.
     *
     * @throws IllegalArgumentException when it has none of the known forms; the message says which there are
     */
    public static SourceUrl parse(String text) {
        String trimmed = text.strip();
        if (trimmed.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "camera URL: want at most %d characters, got %d".formatted(LONGEST, trimmed.length()));
        }
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException("camera URL: want one of " + FORMS + ", got an empty text");
        }
        Matcher scheme = SCHEME.matcher(trimmed);
        if (scheme.matches()) {
            return new SourceUrl(trimmed, kindOf(scheme.group(1).toLowerCase(Locale.ROOT), trimmed));
        }
        if (trimmed.startsWith("lavfi:")) {
            return new SourceUrl(trimmed, Kind.LAVFI);
        }
        if (trimmed.startsWith("synth:")) {
            return new SourceUrl(trimmed, Kind.SYNTH);
        }
        if (trimmed.startsWith("v4l2:") || trimmed.startsWith("/dev/video")) {
            return new SourceUrl(trimmed, Kind.V4L2);
        }
        return new SourceUrl(trimmed, Kind.FILE);
    }

    private static Kind kindOf(String scheme, String text) {
        return switch (scheme) {
            case "rtsp", "rtsps" -> Kind.RTSP;
            case "http", "https" -> Kind.HTTP;
            case "udp" -> Kind.UDP;
            case "file" -> Kind.FILE;
            default ->
                throw new IllegalArgumentException("camera URL: want one of %s, got the scheme '%s://' in %s"
                        .formatted(FORMS, scheme, mask(text)));
        };
    }

    /** Returns how the pictures are got at. */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns whether the source is a live feed as far as its address tells: files, and generated sources with a
     * {@code duration}, are not; of {@code http} only the answer will tell.
     */
    public boolean looksLive() {
        return switch (kind) {
            case FILE -> false;
            case LAVFI, SYNTH -> !FINITE.matcher(target()).matches();
            case RTSP, HTTP, UDP, V4L2 -> true;
        };
    }

    /** Returns whether this is a live feed, whatever it turns out to be: it can have no end, and its time is the wall clock's. */
    public boolean isSurelyLive() {
        return kind == Kind.RTSP || kind == Kind.UDP || kind == Kind.V4L2;
    }

    /** Returns the address itself, credentials and all. For opening it only: never print this. */
    public String secret() {
        return text;
    }

    /** Returns what follows the prefix that names the kind: path, device, graph or settings. Never print this. */
    public String target() {
        return switch (kind) {
            case FILE -> text.startsWith("file://") ? text.substring(7) : withoutPrefix("file:");
            case V4L2 -> withoutPrefix("v4l2:");
            case LAVFI -> withoutPrefix("lavfi:");
            case SYNTH -> withoutPrefix("synth:");
            case RTSP, HTTP, UDP -> text;
        };
    }

    private String withoutPrefix(String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    /**
     * A text for people, such as an error message, without the user names, passwords and tokens of the addresses in it. Where
     * it is not sure what is one, it is replaced too.
     */
    public static String mask(String text) {
        StringBuilder out = new StringBuilder();
        Matcher authority = AUTHORITY.matcher(text);
        int from = 0;
        while (authority.find()) {
            String before = text.substring(from, authority.start());
            out.append(from == 0 ? before : withoutUser(before)).append(authority.group());
            from = authority.end();
        }
        String rest = text.substring(from);
        out.append(from == 0 ? NO_SCHEME.matcher(rest).replaceFirst("***@") : withoutUser(rest));
        return withoutTokens(NO_SCHEME_INSIDE.matcher(out).replaceAll("***@"));
    }

    private static String withoutTokens(String text) {
        StringBuilder out = new StringBuilder();
        Matcher parameter = PARAMETER.matcher(text);
        Matcher end = VALUE_END.matcher(text);
        int from = 0;
        while (parameter.find(from)) {
            out.append(text, from, parameter.end());
            from = parameter.end();
            if (SECRET.matcher(parameter.group()).find() && end.find(from)) {
                out.append("***");
                from = end.start();
            }
        }
        return out.append(text, from, text.length()).toString();
    }

    /** What follows a scheme, without the user info that it may begin with. */
    private static String withoutUser(String rest) {
        int at = userInfoEnd(rest);
        return at < 0 ? rest : "***" + rest.substring(at);
    }

    /** Index of the at sign that ends the user info, or negative; a password may hold slashes and at signs itself. */
    private static int userInfoEnd(String rest) {
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        int at = host.lastIndexOf('@');
        boolean cutPassword = at < 0 && host.matches(".*:.*[^0-9\\]].*");
        return cutPassword ? rest.lastIndexOf('@') : at;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceUrl url && url.text.equals(text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text);
    }

    /** Returns the address with user names, passwords and tokens replaced by {@code ***}. */
    @Override
    public String toString() {
        return mask(text);
    }
}
