package io.jepastream.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options from a YAML file, for what the command line does not say: {@code long-option-name: value}, at the top for every
 * command or under a command's name for that one. The file is named by the environment variable {@code JEPA_CONFIG}.
 */
final class ConfigFile {
    static final String VARIABLE = "JEPA_CONFIG";

    private final JsonNode root;

    private ConfigFile(JsonNode root) {
        this.root = root;
    }

    static ConfigFile read(Path file) throws IOException {
        JsonNode root = new YAMLMapper().readTree(file.toFile());
        if (!root.isObject()) {
            throw new UsageException("%s: want 'option: value' lines, got %s".formatted(file, root.getNodeType()));
        }
        return new ConfigFile(root);
    }

    /** The value of an option of a command, if the file has one; lists become comma-separated. */
    @Nullable
    String value(String command, String option) {
        JsonNode own = root.path(command).path(option);
        JsonNode value = own.isMissingNode() ? root.path(option) : own;
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (value.isArray()) {
            StringJoiner list = new StringJoiner(",");
            value.forEach(item -> list.add(item.asText()));
            return list.toString();
        }
        if (value.isObject()) {
            StringJoiner pairs = new StringJoiner(",");
            for (Map.Entry<String, String> pair : pairs(value).entrySet()) {
                pairs.add(pair.getKey() + "=" + pair.getValue());
            }
            return pairs.toString();
        }
        return value.asText();
    }

    private static Map<String, String> pairs(JsonNode node) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            pairs.put(field.getKey(), field.getValue().asText());
        }
        return pairs;
    }

    /** Gives picocli the file's values as defaults. */
    static final class Defaults implements IDefaultValueProvider {
        private @Nullable ConfigFile file;

        @Override
        public @Nullable String defaultValue(ArgSpec arg) throws IOException {
            String path = System.getenv(VARIABLE);
            if (path == null || !(arg instanceof OptionSpec option)) {
                return null;
            }
            if (file == null) {
                file = read(Path.of(path));
            }
            return file.value(arg.command().name(), option.longestName().replaceFirst("^--", ""));
        }
    }
}
