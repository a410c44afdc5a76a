package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.util.Arrays;

/** The position-table case: whole tables, and single rows plus checksums of the large ones. */
final class SinCosGolden {
    private static final double ATOL = 1e-6;

    private SinCosGolden() {}

    static void check(GoldenCase golden) throws IOException {
        Safetensors file = golden.tensors();
        for (JsonNode entry : golden.config().path("tables")) {
            int dim = entry.path("embed_dim").asInt();
            float[] table = table(entry, dim);
            float[] compared = table;
            if (entry.has("rows")) {
                checksum(entry.path("checksum_of_float32_table"), table);
                compared = rows(entry.path("rows"), table, dim);
            }
            String name = entry.path("tensor").asText();
            Closeness.requireClose(name, compared, file.read(name).floats(), ATOL, 0);
        }
    }

    private static float[] table(JsonNode entry, int dim) {
        int side = entry.path("grid_size").asInt();
        String kind = entry.path("kind").asText();
        if (kind.startsWith("1d")) {
            return SinCos.table1d(dim, side);
        } else if (kind.startsWith("2d")) {
            return SinCos.table2d(dim, side, side);
        }
        SinCos.Grid grid = new SinCos.Grid(entry.path("grid_depth").asInt(), side, side);
        return SinCos.table3d(dim, grid, entry.path("uniform_power").asBoolean());
    }

    private static float[] rows(JsonNode rows, float[] table, int dim) {
        float[] out = new float[rows.size() * dim];
        for (int i = 0; i < rows.size(); i++) {
            int from = rows.get(i).asInt() * dim;
            System.arraycopy(Arrays.copyOfRange(table, from, from + dim), 0, out, i * dim, dim);
        }
        return out;
    }

    private static void checksum(JsonNode wanted, float[] table) {
        double sum = 0;
        double squares = 0;
        for (float value : table) {
            sum += value;
            squares += (double) value * value;
        }
        assertThat(table).hasSize(wanted.path("n").asInt());
        assertThat(sum).isCloseTo(wanted.path("sum").asDouble(), within(1e-3));
        assertThat(squares).isCloseTo(wanted.path("sq_sum").asDouble(), within(1e-3));
    }
}
