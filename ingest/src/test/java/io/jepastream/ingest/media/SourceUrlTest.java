package io.jepastream.ingest.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SourceUrlTest {
    @ParameterizedTest
    @CsvSource({
        "clip.mp4,FILE,false",
        "/data/a b.mkv,FILE,false",
        "file:///data/a.avi,FILE,false",
        "rtsp://h/1,RTSP,true",
        "RTSPS://h/1,RTSP,true",
        "http://h/a.m3u8,HTTP,true",
        "https://h/a.m3u8,HTTP,true",
        "udp://239.0.0.1:1234,UDP,true",
        "/dev/video0,V4L2,true",
        "v4l2:/dev/video1,V4L2,true",
        "lavfi:testsrc2=size=64x64,LAVFI,true",
        "lavfi:testsrc2=size=64x64:d=3,LAVFI,false",
        "synth:tour,SYNTH,true",
        "'synth:tour,duration=9',SYNTH,false"
    })
    void forms_areTold(String text, SourceUrl.Kind kind, boolean live) {
        SourceUrl url = SourceUrl.parse(text);
        assertThat(url.kind()).isEqualTo(kind);
        assertThat(url.looksLive()).isEqualTo(live);
        assertThat(url.secret()).isEqualTo(text);
        assertThat(url).isEqualTo(SourceUrl.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "rtsp://admin:hunter2@cam/1,rtsp://***@cam/1",
        "rtsp://admin:hun@ter2@cam:554/1,rtsp://***@cam:554/1",
        "rtsp://admin:hun/ter2@cam/1,rtsp://***@cam/1",
        "rtsp://hunter2@cam/1,rtsp://***@cam/1",
        "rtsp://cam:554/at@home,rtsp://cam:554/at@home",
        "https://h/a.m3u8?id=4&access_token=hunter2&x=1,https://h/a.m3u8?id=4&access_token=***&x=1",
        "https://h/a?Signature=hunter2,https://h/a?Signature=***",
        "http://h/a?pwd=hunter2#t,http://h/a?pwd=***#t",
        "rtsp:/admin:hunter2@cam/1,rtsp:/***@cam/1",
        "rtsp:admin:hunter2@cam/1,rtsp:***@cam/1",
        "admin:hunter2@cam/1,***@cam/1",
        "http://proxy/?url=rtsp://admin:hunter2@cam/1,http://proxy/?url=rtsp://***@cam/1",
        "https://h/a?x=1;sig=hunter2&y=?token=hunter2,https://h/a?x=1;sig=***&y=?token=***",
        "'lavfi:movie=rtsp\\://admin\\:hunter2@a/1[x];movie=http\\://admin\\:hunter2@b/2','lavfi:movie=rtsp\\://***@a/1[x];movie=http\\://***@b/2'"
    })
    void credentials_areNeverPrinted(String text, String printed) {
        assertThat(SourceUrl.parse(text)).hasToString(printed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "want KEY=VALUE, got admin:hunter2@cam/1 | want KEY=VALUE, got ***@cam/1",
                "Unknown options: '--camra', 'door=admin:hunter2@cam' | Unknown options: '--camra', 'door=***@cam'",
                "nothing at rtsp:/admin:hunter2@cam/1 or b | nothing at rtsp:/***@cam/1 or b",
                "12:30 to a@b, see http://h:80/x@y | 12:30 to a@b, see http://h:80/x@y"
            })
    void credentialsInOtherTexts_areMasked(String text, String masked) {
        assertThat(SourceUrl.mask(text)).isEqualTo(masked);
    }

    @Test
    void longText_isRefusedInTime() {
        String text = "http://" + "?token,a:".repeat(100_000);
        assertThatThrownBy(() -> SourceUrl.parse(text))
                .hasMessage("camera URL: want at most 4096 characters, got 900007");
        assertThat(SourceUrl.mask(text)).isEqualTo(text);
    }

    @Test
    void typoInTheScheme_isExplainedWithoutCredentials() {
        assertThatThrownBy(() -> SourceUrl.parse("rstp://admin:hunter2@cam/1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rtsp://")
                .hasMessageContaining("'rstp://'")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> SourceUrl.parse("  ")).hasMessageContaining("empty");
    }
}
