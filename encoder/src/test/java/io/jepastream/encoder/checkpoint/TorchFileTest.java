package io.jepastream.encoder.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.checkpoint.TorchFiles.Pickle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TorchFileTest {
    @TempDir
    Path scratch;

    private Object read(Pickle pickle) throws IOException {
        return TorchFile.open(TorchFiles.zip(scratch.resolve("test.pt"), pickle.bytes(), 1.5f))
                .root();
    }

    private void refuses(Pickle pickle, String message) {
        assertThatThrownBy(() -> read(pickle))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("test.pt")
                .hasMessageContaining(message);
    }

    @Test
    void readsNewerProtocols() throws IOException {
        byte[] key = "key".getBytes(StandardCharsets.UTF_8);
        Pickle pickle = new Pickle().op(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, '}', 0x94);
        pickle.op(0x8c, 3, key[0], key[1], key[2], 0x94, ']', '(', 'h', 1, 'N', 0x8a, 1, 0xFE, 'e', 's', '.');
        assertThat(read(pickle)).isEqualTo(Map.of("key", List.of("key", PyNone.NONE, -2L)));
    }

    @Test
    void repeatsOneStoredValue() throws IOException {
        TorchTensor tensor = (TorchTensor) read(new Pickle().tensor(2, 3).op('.'));
        assertThat(tensor.shape()).containsExactly(2, 3);
        assertThat(tensor.read().floats()).containsOnly(1.5f).hasSize(6);
    }

    @Test
    void refusesGlobalsHoweverTheyAreNamed() {
        refuses(new Pickle().global("posix", "system").op('.'), "refused global 'posix.system'");
        refuses(new Pickle().text("os").text("system").op(0x93, '.'), "refused global 'os.system'");
        refuses(new Pickle().op('(', 'i', 'o', 's', '\n', 'x', '\n', '.'), "refused global 'os.x'");
        refuses(new Pickle().global("torch", "load").op('.'), "refused global 'torch.load'");
        refuses(new Pickle().op(0x82, 1, '.'), "got 0x82");
    }

    /** What a pickle can be made to run in Python; torch.load without weights_only runs all of it. */
    @Test
    void runsNothing() {
        Path mark = scratch.resolve("mark");
        String command = "touch " + mark;
        for (String[] function : new String[][] {
            {"os", "system"},
            {"posix", "system"},
            {"nt", "system"},
            {"builtins", "eval"},
            {"builtins", "exec"},
            {"__builtin__", "eval"},
            {"builtins", "getattr"},
            {"subprocess", "Popen"},
            {"runpy", "run_path"},
            {"torch.hub", "load"},
            {"torch.serialization", "load"},
            {"torch._utils", "_rebuild_device_tensor_from_numpy"},
            {"java.lang", "Runtime"},
            {"collections", "OrderedDict.fromkeys"},
            {"collections.OrderedDict", "fromkeys"}
        }) {
            String name = function[0] + "." + function[1];
            Pickle direct =
                    new Pickle().global(function[0], function[1]).op('(').text(command);
            refuses(direct.op('t', 'R', '.'), "refused global '" + name);
            Pickle nested = new Pickle().op('}').text("encoder").op('}').text("norm.weight");
            nested.global("torch._utils", "_rebuild_parameter").op('(').global(function[0], function[1]);
            refuses(nested.op('(').text(command).op('t', 'R', 't', 'R', 's', 's', '.'), "refused global '" + name);
            Pickle pieces = new Pickle()
                    .text(function[1])
                    .op('q', 7, '0')
                    .text(function[0])
                    .op('h', 7, 0x93, 'q', 8);
            refuses(pieces.op('0', 'h', 8, '(').text(command).op('t', 'R', '.'), "refused global '" + name);
        }
        assertThat(mark).doesNotExist();
    }

    /** Every other instruction by which Python's reader makes, calls or fills objects. */
    @Test
    void makesNoObjects() {
        Pickle known = new Pickle().global("collections", "OrderedDict");
        refuses(known.op(')', 0x81, '.'), "got 0x81"); // NEWOBJ
        refuses(new Pickle().global("torch", "Size").op(')', '}', 0x92, '.'), "got 0x92"); // NEWOBJ_EX
        refuses(new Pickle().op('(').global("torch", "Size").op('o', '.'), "got 0x6f"); // OBJ
        refuses(new Pickle().op('P', '0', '\n', '.'), "got 0x50"); // PERSID
        refuses(new Pickle().op(0x83, 1, 0, '.'), "got 0x83"); // EXT2
        refuses(new Pickle().op(0x96, 0, 0, 0, 0, 0, 0, 0, 0, '.'), "got 0x96"); // BYTEARRAY8
        refuses(new Pickle().op('N', 0x97, '.'), "got 0x97"); // NEXT_BUFFER
        refuses(new Pickle().text("os").op(')', 'R', '.'), "want a call of a known global");
        refuses(new Pickle().global("torch", "FloatStorage").op(')', 'R', '.'), "want a call of a known global");
        refuses(new Pickle().global("torch", "Size").op('}', 'b', '.'), "want attributes of a dictionary");
        refuses(new Pickle().op(']', '}', 'b', '.'), "want attributes of a dictionary");
    }

    @Test
    void unpacksNothing() throws IOException {
        byte[] pickle = new Pickle().op('N', '.').bytes();
        Path folder = Files.createDirectories(scratch.resolve("a/b"));
        Path file = folder.resolve("slip.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (String name : List.of("../../slipped", "/slipped", "..\\slipped", "../../x/data.pkl")) {
                TorchFiles.stored(zip, name, pickle);
            }
        }
        assertThat(TorchFile.open(file).root()).isSameAs(PyNone.NONE);
        try (Stream<Path> files = Files.walk(scratch)) {
            assertThat(files.filter(Files::isRegularFile)).containsExactly(file);
        }
    }

    @Test
    void refusesMoreThanTheFileHolds() {
        refuses(new Pickle().op('X', 0xFF, 0xFF, 0xFF, 0x7F, '.'), "want 2147483647 more bytes");
        refuses(new Pickle().op(0x8d, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, '.'), "truncated");
        refuses(new Pickle().tensor(1 << 20, 1 << 20).op('.'), "want at most 16777216 elements");
        long[] sides = new long[65];
        Arrays.fill(sides, 1);
        refuses(new Pickle().tensor(sides).op('.'), "want at most 64 sides, got 65");
    }

    /** Each of them is within its limit; a file of some kilobytes could hold hundreds. */
    @Test
    void refusesManyLargeTensorsOfOneValue() throws IOException {
        Pickle pickle = new Pickle().op(']', '(');
        for (int i = 0; i < 5; i++) {
            pickle.tensor(1 << 24);
        }
        List<?> tensors = (List<?>) read(pickle.op('e', '.'));
        TorchTensor first = (TorchTensor) tensors.get(0);
        assertThat(first.read().size()).isEqualTo(1 << 24);
        assertThat(first.read().size()).as("read again, counted once").isEqualTo(1 << 24);
        for (int i = 1; i < 4; i++) {
            assertThat(((TorchTensor) tensors.get(i)).read().size()).isEqualTo(1 << 24);
        }
        assertThatThrownBy(() -> ((TorchTensor) tensors.get(4)).read())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("strided and repeated tensors of at most 268435456 bytes together");
    }

    @Test
    void refusesBrokenStacks() {
        refuses(new Pickle().op('.'), "want a value, got none");
        refuses(new Pickle().op('N', 'N', '.'), "want one value at the end, got 2");
        refuses(new Pickle().op('h', 3, '.'), "got number 3");
        refuses(new Pickle().op('N', 't', '.'), "want a mark");
        refuses(new Pickle().op('N', 'N', 'a', '.'), "want a list to append to");
        refuses(new Pickle().op('}', ']', 'N', 's', '.'), "dictionary key");
        refuses(new Pickle().op(0x80, 6, '.'), "pickle protocol");
    }

    @Test
    void refusesBottomlessNesting() {
        Pickle deep = new Pickle();
        for (int i = 0; i < 100_000; i++) {
            deep.op(']');
        }
        for (int i = 1; i < 100_000; i++) {
            deep.op('a');
        }
        refuses(deep.op('.'), "nested at most 100 deep");
    }

    @Test
    void readsAListThatHoldsItself() throws IOException {
        List<?> list = (List<?>) read(new Pickle().op(']', 'q', 0, 'h', 0, 'a', '.'));
        assertThat(list.get(0)).isSameAs(list);
    }

    @Test
    void refusesCompressedRecords() throws IOException {
        Path file = scratch.resolve("deflated.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(new byte[1000]);
        }
        assertThatThrownBy(() -> TorchFile.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("record archive/data.pkl: want it stored");
    }
}
