package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.checkpoint.PyNone;
import io.jepastream.encoder.checkpoint.PyTuple;
import io.jepastream.encoder.checkpoint.TorchFile;
import io.jepastream.encoder.checkpoint.TorchTensor;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Every element type, every kind of view and every plain value, in both containers. */
final class PickleZooGolden {
    private static final Map<String, Dtype> TYPES = Map.of(
            "float64", Dtype.F64,
            "float32", Dtype.F32,
            "float16", Dtype.F16,
            "bfloat16", Dtype.BF16,
            "int64", Dtype.I64,
            "int32", Dtype.I32,
            "int16", Dtype.I16,
            "int8", Dtype.I8,
            "uint8", Dtype.U8,
            "bool", Dtype.BOOL);

    private PickleZooGolden() {}

    static void check(GoldenCase golden) throws IOException {
        for (String file : List.of("pickle_value_zoo.pt", "pickle_value_zoo_legacy.pt")) {
            Map<?, ?> root =
                    (Map<?, ?>) TorchFile.open(golden.directory().resolve(file)).root();
            tensors(golden, (Map<?, ?>) root.get("tensors"));
            values(
                    (Map<?, ?>) root.get("python"),
                    golden.node().path("expected").path("python_values"));
        }
    }

    private static void tensors(GoldenCase golden, Map<?, ?> tensors) throws IOException {
        Safetensors expected = golden.tensors();
        JsonNode types = golden.node().path("expected").path("tensor_dtypes_in_file");
        assertThat(tensors).hasSize(types.size());
        for (Map.Entry<String, JsonNode> type : types.properties()) {
            TorchTensor tensor = (TorchTensor) tensors.get(type.getKey());
            HostTensor got = tensor.read();
            HostTensor want = expected.read("tensors/" + type.getKey());
            assertThat(got.dtype()).isEqualTo(TYPES.get(type.getValue().asText()));
            assertThat(got.shape()).as(type.getKey()).isEqualTo(want.shape());
            if (got.dtype() == Dtype.F64) {
                assertThat(got.bytes()).isEqualTo(want.bytes());
            } else if (want.dtype() == Dtype.F32) {
                assertThat(got.floats()).as(type.getKey()).isEqualTo(want.floats());
            } else {
                assertThat(got.longs()).as(type.getKey()).isEqualTo(want.longs());
            }
        }
    }

    private static void values(Map<?, ?> got, JsonNode want) {
        assertThat(got.get("none")).isEqualTo(PyNone.NONE);
        assertThat(got.get("true")).isEqualTo(true);
        assertThat(got.get("int")).isEqualTo(want.path("int").asLong());
        assertThat(got.get("bigint"))
                .isEqualTo(new BigInteger(want.path("bigint_decimal").asText()));
        assertThat(got.get("negative")).isEqualTo(want.path("negative").asLong());
        assertThat(got.get("float")).isEqualTo(want.path("float").asDouble());
        assertThat(got.get("str")).isEqualTo(want.path("str").asText());
        assertThat(got.get("list")).isEqualTo(List.of(1L, List.of(2L, "x"), new PyTuple(List.of())));
        assertThat(got.get("tuple")).isEqualTo(new PyTuple(List.of(1L, 2.5, "y", PyNone.NONE)));
        assertThat(got.get("nested"))
                .isEqualTo(Map.of("a", Map.of("b", List.of(1L, 2L, Map.of("c", 3L))), 5L, "intkey"));
        List<String> order = ((Map<?, ?>) got.get("ordered"))
                .keySet().stream().map(Object::toString).toList();
        assertThat(order).containsExactly("z", "a");
        assertThat(got).hasSize(want.size());
    }
}
