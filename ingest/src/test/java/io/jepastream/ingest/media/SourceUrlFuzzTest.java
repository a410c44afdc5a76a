package io.jepastream.ingest.media;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.fuzz.Fuzz;
import org.junit.jupiter.api.Test;

/** Addresses of cameras, from command lines and configuration files. */
final class SourceUrlFuzzTest {
    @Test
    void text_isACameraOrRefused() throws Exception {
        Fuzz.of("camera URL")
                .seed("rtsp://admin:hunter2@camera.example:554/stream?token=a&x=1#t")
                .seed("https://host/a.m3u8?access_token=b;key=c,sig=d")
                .seed("synth:motion=pan-left,seed=7,fps=15,size=340x256,duration=3")
                .seed("lavfi:testsrc2=size=64x64:duration=3")
                .seed("v4l2:/dev/video0")
                .seed("file:///data/a.avi")
                .words("://", "@", ":", "/", "?", "&", "=", ",", "token", "duration", "synth:", "\u0000", "%40", "🎥")
                .mayThrow(IllegalArgumentException.class)
                .run(input -> {
                    CameraConfig camera = CameraConfig.builder("door", SourceUrl.parse(new String(input, UTF_8)))
                            .build();
                    String printed = camera.url().toString() + camera.url().looksLive();
                    if (printed.isEmpty()) {
                        throw new AssertionError("an address prints as nothing");
                    }
                });
    }
}
