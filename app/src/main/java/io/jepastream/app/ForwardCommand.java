package io.jepastream.app;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa forward}: raw tensors through the model, for comparing numbers. */
@Command(
        name = "forward",
        description = "Run tensors of a .safetensors file through the model: 'video' [B,3,T,H,W] float32, normalised;"
                + " optionally 'masks.0' ... int64 [B,K]. Writes 'tokens' or 'tokens.0' ..., and 'logits.HEAD'.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa forward --model models/vitl --input in.safetensors --output out.safetensors"})
final class ForwardCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--input", required = true, paramLabel = "FILE", description = "Tensors to run.")
    private Path input = Path.of("");

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "Where the results go.")
    private Path output = Path.of("");

    @Mixin
    private ServeOptions options = new ServeOptions();

    @Override
    public Integer call() throws IOException {
        Map<String, HostTensor> tensors = Safetensors.open(input).readAll("");
        try (ServedModel model = ServedModel.cold(options)) {
            Map<String, HostTensor> results = model.raw().forward(tensors);
            SafetensorsWriter.write(output, results, Map.of());
            results.forEach((name, tensor) -> spec.commandLine()
                    .getOut()
                    .printf("%s %s %s%n", name, tensor.dtype(), Arrays.toString(tensor.shape())));
        }
        return 0;
    }
}
