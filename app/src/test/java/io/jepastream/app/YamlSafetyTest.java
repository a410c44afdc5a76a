package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.trainer.pretrain.PretrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What YAML can be made to do elsewhere. */
class YamlSafetyTest {
    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("file.yaml"), text);
    }

    private List<String> options(String text) throws IOException {
        return ConfigFile.read(file(text)).complete(Jepa.commandLine(), List.of("tail"));
    }

    @Test
    void tagOfAClass_makesNoObject() throws IOException {
        String tag =
                "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1:1/\"]]]]";
        assertThat(options("group: " + tag)).startsWith("tail").noneMatch(option -> option.contains("ScriptEngine"));
        assertThatThrownBy(() -> PretrainConfig.read(file("recipe: vjepa1\nseed: " + tag)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aliases_areText_andDoNotMultiply() throws IOException {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
        }
        assertThat(options(bomb + "group: *a29\n")).containsExactly("tail", "--group=a29");
    }

    @Test
    void depthAndSize_areLimited() throws IOException {
        assertThatThrownBy(() -> options("a: " + "[".repeat(5000)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("depth");
        assertThatThrownBy(() -> options("a: " + "x".repeat(2 << 20)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("want at most 1048576 bytes");
        assertThatThrownBy(() -> PretrainConfig.read(file("recipe: vjepa1\nseed: " + "[".repeat(5000))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("depth");
    }
}
