package io.jepastream.app;

import io.jepastream.ingest.media.SourceUrl;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code jepa} command: exit code 0 when all went well, 1 when something failed, 2 when it was called wrongly. */
@Command(
        name = "jepa",
        description = "Cameras in, meaning out: V-JEPA embeddings and labels for live video over Kafka.",
        mixinStandardHelpOptions = true,
        versionProvider = Jepa.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            IngestCommand.class,
            AssembleCommand.class,
            EncodeCommand.class,
            ExtractCommand.class,
            ForwardCommand.class,
            ModelCommand.class,
            DatasetCommand.class,
            PretrainCommand.class,
            ProbeCommand.class,
            FineTuneCommand.class,
            EvaluateCommand.class,
            TopicsCommand.class,
            TailCommand.class,
            SelftestCommand.class,
            BenchCommand.class,
            PlanCommand.class,
        },
        footer = {"", "Start with:  jepa demo", "Help for one command:  jepa COMMAND --help"})
public final class Jepa implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Jepa.class);

    private static final int HELP_WIDTH = 120;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        CommandLine command = commandLine();
        List<String> all = List.of(args);
        String file = System.getenv(ConfigFile.VARIABLE);
        if (file != null) {
            try {
                all = ConfigFile.read(Path.of(file)).complete(command, all);
            } catch (IOException | UsageException e) {
                System.err.printf("%s: %s%n", ConfigFile.VARIABLE, message(e));
                System.exit(CommandLine.ExitCode.USAGE);
            }
        }
        System.exit(command.execute(all.toArray(String[]::new)));
    }

    /** The command and its subcommands, ready to execute. */
    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Jepa());
        command.getSubcommands().values().forEach(Jepa::abbreviate);
        return command.setUsageHelpWidth(HELP_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Jepa::misused)
                .setExecutionExceptionHandler(Jepa::failed);
    }

    private static void abbreviate(CommandLine command) {
        command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        command.getSubcommands().values().forEach(Jepa::abbreviate);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "want a command");
    }

    /** As picocli's own, but what was typed may hold a password. */
    private static int misused(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        command.getErr().println(command.getColorScheme().errorText(message(error)));
        StringWriter suggestions = new StringWriter();
        boolean any = UnmatchedArgumentException.printSuggestions(error, new PrintWriter(suggestions, true));
        if (any) {
            command.getErr().print(SourceUrl.mask(suggestions.toString()));
        } else {
            command.usage(command.getErr(), command.getColorScheme());
        }
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int failed(Exception error, CommandLine command, CommandLine.ParseResult parsed) {
        boolean usage = error instanceof UsageException || error instanceof IllegalArgumentException;
        LOG.debug("{} failed", command.getCommandName(), error);
        command.getErr().println(command.getColorScheme().errorText(message(error)));
        if (usage) {
            command.getErr()
                    .printf(
                            "Try 'jepa %s --help'.%n",
                            command.getCommandSpec().qualifiedName().replace("jepa ", ""));
        }
        return usage ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String message(Throwable error) {
        String text = error.getMessage();
        return SourceUrl.mask(text == null || text.isBlank() ? error.toString() : text);
    }

    /** What {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Jepa.class.getPackage().getImplementationVersion();
            return new String[] {"jepastream " + (version == null ? "(not packaged)" : version)};
        }
    }
}
