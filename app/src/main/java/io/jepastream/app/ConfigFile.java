package io.jepastream.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options from a YAML file, for what the command line does not say: {@code long-option-name: value}, at the top for every
 * command that knows the option, or under a command's name for that one. A list gives an option several times, a mapping gives it
 * as {@code key=value} pairs. The file is named by the environment variable {@code JEPA_CONFIG}.
 */
final class ConfigFile {
    static final String VARIABLE = "JEPA_CONFIG";

    private static final int MOST_BYTES = 1 << 20;

    private final JsonNode root;

    private ConfigFile(JsonNode root) {
        this.root = root;
    }

    /**
     * Reads a file of at most 1 MiB. Tags make no objects, and an alias is the text of its name.
     *
     * @throws IOException if it cannot be read, is larger, or no YAML
     */
    static ConfigFile read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("%s: want at most %d bytes, got %d".formatted(file, MOST_BYTES, Files.size(file)));
        }
        JsonNode root = new YAMLMapper().readTree(file.toFile());
        if (!root.isObject()) {
            throw new UsageException("%s: want 'option: value' lines, got %s".formatted(file, root.getNodeType()));
        }
        return new ConfigFile(root);
    }

    /**
     * The arguments with the file's options added.
     *
     * @param command the top command
     * @param args what the user typed
     */
    List<String> complete(CommandLine command, List<String> args) {
        CommandLine inner = command;
        int names = 0;
        for (String arg : args) {
            CommandLine next = inner.getSubcommands().get(arg);
            if (next == null) {
                break;
            }
            inner = next;
            names++;
        }
        List<String> all = new ArrayList<>(args.subList(0, names));
        for (OptionSpec option : inner.getCommandSpec().options()) {
            boolean typed = args.stream()
                    .anyMatch(arg -> Arrays.stream(option.names())
                            .anyMatch(name -> arg.equals(name) || arg.startsWith(name + "=")));
            if (!typed) {
                addTo(
                        all,
                        option.longestName(),
                        value(inner.getCommandName(), option.longestName().substring(2)));
            }
        }
        all.addAll(args.subList(names, args.size()));
        return all;
    }

    private JsonNode value(String command, String option) {
        JsonNode own = root.path(command).path(option);
        return own.isMissingNode() ? root.path(option) : own;
    }

    private static void addTo(List<String> args, String option, JsonNode value) {
        if (value.isArray()) {
            value.forEach(item -> args.add(option + "=" + item.asText()));
        } else if (value.isObject()) {
            for (Map.Entry<String, JsonNode> pair : value.properties()) {
                args.add(option + "=" + pair.getKey() + "=" + pair.getValue().asText());
            }
        } else if (!value.isMissingNode() && !value.isNull()) {
            args.add(option + "=" + value.asText());
        }
    }
}
