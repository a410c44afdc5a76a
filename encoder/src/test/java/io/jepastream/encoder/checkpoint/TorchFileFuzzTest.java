package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.TorchFiles.Pickle;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.ingest.fuzz.Fuzz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints from anywhere: their zip directories, their pickles, and what is made of them. */
final class TorchFileFuzzTest {
    private static final long LARGE = 1 << 16; // elements; to gather 64 MiB takes a while

    private static final String[] WORDS = {
        "ctorch._utils\n_rebuild_tensor_v2\n",
        "ctorch._utils\n_rebuild_parameter\n",
        "ccollections\nOrderedDict\n",
        "ctorch\nSize\n",
        "ctorch\nFloatStorage\n",
        "ctorch\nBoolStorage\n",
        "cbuiltins\neval\n",
        "cos\nsystem\n",
        "ios\nsystem\n",
        "R",
        "b",
        "Q",
        "(",
        "t",
        "]",
        "}",
        "a",
        "e",
        "s",
        "u",
        "d",
        "l",
        "1",
        "2",
        "0",
        "q\u0000",
        "h\u0000",
        "h\u0001",
        "N",
        ".",
        "h\u0000h\u0000\u0085",
        "PK\u0001\u0002",
        "PK\u0003\u0004",
        "PK\u0005\u0006",
        "PK\u0006\u0006",
        "PK\u0006\u0007",
        "/data.pkl",
        "/data/0",
        "/byteorder"
    };

    @TempDir
    private Path scratch;

    @Test
    void bytes_areValuesOrRefused() throws Exception {
        Path file = scratch.resolve("f.pt");
        Fuzz.of("torch file")
                .seed(zip(new Pickle().tensor(2, 3).op('.')))
                .seed(zip(new Pickle().op(']', 'q', 0, '(', 'K', 1, 'N', 0x88, 'h', 0, 'e', '.')))
                .seed(written())
                .seed(legacy())
                .words(WORDS)
                .mayThrow(CheckpointException.class)
                .slow(2)
                .mayAllocate((1 << 20) + TorchTensor.roomOf(0), 2048) // a value's name has up to 200 characters
                .run(input -> {
                    Files.write(file, input);
                    visit(TorchFile.open(file).root(), new IdentityHashMap<>());
                });
    }

    @Test
    void bytes_areAModelOrRefused() throws Exception {
        Path file = scratch.resolve("f.pt");
        ModelBundle.Draft draft = RandomModel.draft(Family.VJEPA1, 1);
        Fuzz.of("checkpoint")
                .seed(checkpoint(draft))
                .words(WORDS)
                .mayThrow(CheckpointException.class)
                .mayAllocate(1 << 20, 2048)
                .slow(4)
                .run(input -> {
                    Files.write(file, input);
                    CheckpointImport.importFile(
                            file, Optional.of(draft.encoder()), draft.predictor(), Weights.TARGET, Set.of());
                });
    }

    @Test
    void shapes_areAnArchitectureOrRefused() throws Exception {
        Path file = scratch.resolve("f.pt");
        EncoderConfig tiny = EncoderConfig.builder(Family.VJEPA2, "vit_tiny").build();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        VideoEncoder.shapes(tiny).forEach((name, shape) -> shapes.put(name, shape.getShape()));
        byte[] pickle = TorchFiles.states(Map.of(Weights.TARGET.key(), shapes));
        Fuzz.of("architecture")
                .seed(Files.readAllBytes(TorchFiles.zip(scratch.resolve("seed.pt"), pickle, 1)))
                .words(WORDS)
                .mayThrow(CheckpointException.class)
                .mayAllocate(1 << 20, 2048)
                .slow(4)
                .run(input -> {
                    Files.write(file, input);
                    CheckpointImport.architecture(file, Weights.TARGET);
                });
    }

    private static void visit(Object value, IdentityHashMap<Object, Object> seen) throws IOException {
        if (seen.put(value, value) != null) {
            return;
        }
        if (value instanceof TorchTensor tensor) {
            if (Arrays.stream(tensor.shape()).reduce(1, Math::multiplyExact) <= LARGE || seen.size() % 16 == 0) {
                tensor.read().bytes();
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Object item : map.values()) {
                visit(item, seen);
            }
        } else if (value instanceof PyTuple tuple) {
            for (Object item : tuple.items()) {
                visit(item, seen);
            }
        } else if (value instanceof List<?> list) {
            for (Object item : list) {
                visit(item, seen);
            }
        }
    }

    private byte[] zip(Pickle pickle) throws IOException {
        return Files.readAllBytes(TorchFiles.zip(scratch.resolve("seed.pt"), pickle.bytes(), 1.5f));
    }

    private byte[] written() throws IOException {
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("encoder", TorchWriter.state("module.", smallest()));
        top.put("epoch", 3L);
        top.put("loss", 0.5);
        Path file = scratch.resolve("seed.pt");
        TorchWriter.write(file, top);
        return Files.readAllBytes(file);
    }

    private static Map<String, HostTensor> smallest() {
        return Map.of("norm.weight", HostTensor.of(new float[] {1, 2, 3, 4}, 2, 2));
    }

    private byte[] checkpoint(ModelBundle.Draft draft) throws IOException {
        Map<String, Object> top = new LinkedHashMap<>();
        top.put(Weights.TARGET.key(), TorchWriter.state("module.backbone.", draft.encoderState()));
        if (draft.predictor().isPresent()) {
            top.put("predictor", TorchWriter.state("module.backbone.", draft.predictorState()));
        }
        Path file = scratch.resolve("seed.pt");
        TorchWriter.write(file, top);
        return Files.readAllBytes(file);
    }

    /** The layout before the zip one: five pickles, then each storage's count and bytes. */
    private static byte[] legacy() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new Pickle()
                .op(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.')
                .bytes());
        out.writeBytes(new Pickle().op(0x80, 2, 'M', 0xe9, 3, '.').bytes());
        out.writeBytes(
                new Pickle().op('}').text("little_endian").op(0x88, 's', '.').bytes());
        out.writeBytes(new Pickle().tensor(2, 3).op('.').bytes());
        out.writeBytes(new Pickle().op(']').text("0").op('a', '.').bytes());
        out.writeBytes(ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(1)
                .putFloat(1.5f)
                .array());
        return out.toByteArray();
    }
}
