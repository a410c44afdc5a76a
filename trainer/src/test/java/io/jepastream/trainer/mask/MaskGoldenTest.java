package io.jepastream.trainer.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes and lists exactly as the reference makes them, shares within sampling error. */
@Tag("golden")
final class MaskGoldenTest {
    private static final double SHARE = 0.015;
    private static final String CORNERS = "/positions_top_left_start";

    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream().filter(c -> c.id().contains("_mask_"));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void masksAreTheReferences(GoldenCase golden) throws IOException {
        int checked = 0;
        for (JsonNode file : golden.node().path("files")) {
            Path path = golden.directory().resolve(file.path("file").asText());
            if (path.toString().endsWith(".json")) {
                JsonNode json = new ObjectMapper().readTree(path.toFile());
                checked += statistics(json.path("multiblock3d")) + statistics(json.path("entries"));
                checked += tubes(json.path("random_tube"));
            } else {
                checked += assembly(golden, Safetensors.open(path));
            }
        }
        assertThat(checked).isPositive();
    }

    private static int statistics(JsonNode entries) {
        for (JsonNode entry : entries) {
            JsonNode c = entry.path("config");
            sizes(entry, c);
            for (String kind : List.of("single_sample", "batched", "batch1", "batch8")) {
                if (entry.has(kind)) {
                    int batch = kind.equals("batch8")
                            ? 8
                            : entry.path(kind).path("batch_size").asInt(1);
                    shares(entry.path(kind), config(c), grid(c), batch);
                }
            }
        }
        return entries.size();
    }

    private static void sizes(JsonNode entry, JsonNode c) {
        for (JsonNode wanted : entry.path("block_size_from_uniforms")) {
            long seed = wanted.path("seed").asLong();
            TorchRandom random = new TorchRandom(seed);
            for (JsonNode uniform : wanted.path("uniforms_temporal_spatial_aspect")) {
                assertThat(random.uniform()).isEqualTo(uniform.asDouble());
            }
            JsonNode block = wanted.path("block_t_h_w");
            assertThat(MultiBlockMasks.block(config(c), grid(c), seed))
                    .isEqualTo(new MultiBlockMasks.Block(
                            block.path(0).asInt(),
                            block.path(1).asInt(),
                            block.path(2).asInt()));
        }
        JsonNode histogram = entry.path("single_sample").path("block_size_histogram_t,h,w");
        if (!histogram.isMissingNode()) {
            Map<String, Integer> wanted = new TreeMap<>();
            histogram
                    .properties()
                    .forEach(e -> wanted.put(e.getKey(), e.getValue().asInt()));
            Map<String, Integer> got = new TreeMap<>();
            int draws = wanted.values().stream().mapToInt(Integer::intValue).sum();
            for (int step = 0; step < draws; step++) {
                MultiBlockMasks.Block block = MultiBlockMasks.block(config(c), grid(c), step);
                got.merge("%d,%d,%d".formatted(block.time(), block.height(), block.width()), 1, Integer::sum);
            }
            assertThat(got).isEqualTo(wanted);
        }
    }

    private static void shares(JsonNode wanted, BlockMask config, TokenGrid grid, int batch) {
        int draws = wanted.path("context_ratio").path("n").asInt();
        MultiBlockMasks masks = new MultiBlockMasks(config, grid);
        TorchRandom random = new TorchRandom(11);
        double context = 0;
        double target = 0;
        for (int i = 0; i < draws; i++) {
            MaskPair pair = masks.next(batch, random);
            context += pair.contextSize() / (double) grid.tokens() / draws;
            target += pair.targetSize() / (double) grid.tokens() / draws;
        }
        assertThat(context).isCloseTo(wanted.path("context_ratio").path("mean").asDouble(), within(SHARE));
        assertThat(target).isCloseTo(wanted.path("target_ratio").path("mean").asDouble(), within(SHARE));
    }

    private static int tubes(JsonNode entries) {
        for (JsonNode entry : entries) {
            JsonNode c = entry.path("config");
            TokenGrid grid = grid(c);
            RandomTubeMasks masks = new RandomTubeMasks(c.path("ratio").asDouble(), grid);
            TorchRandom random = new TorchRandom(3);
            MaskPair pair = masks.next(2, random);
            assertThat(pair.contextSize()).isEqualTo(entry.path("kept_tokens").asInt());
            assertThat(pair.contextSize() + pair.targetSize()).isEqualTo(grid.tokens());
            int kept = entry.path("kept_cells_per_frame").asInt();
            int cells = grid.height() * grid.width();
            for (int sample = 0; sample < 2; sample++) {
                int[] context = pair.context(sample);
                for (int i = kept; i < context.length; i++) {
                    assertThat(context[i]).isEqualTo(context[i - kept] + cells);
                }
            }
            assertThat(pair.context(0)).isNotEqualTo(pair.context(1));
        }
        return entries.size();
    }

    private static int assembly(GoldenCase golden, Safetensors file) throws IOException {
        int checked = 0;
        for (String name : file.names()) {
            if (name.endsWith(CORNERS)) {
                String at = name.substring(0, name.length() - CORNERS.length());
                assembled(file, at, entry(golden, at));
                checked++;
            }
        }
        return checked;
    }

    private static JsonNode entry(GoldenCase golden, String name) {
        for (JsonNode entry : golden.config().path("entries")) {
            if (entry.path("name").asText().equals(name)) {
                return entry.path("config");
            }
        }
        return golden.config().path(name);
    }

    private static void assembled(Safetensors file, String at, JsonNode c) throws IOException {
        long[] sides = file.read(at + "/block_t_h_w").longs();
        MultiBlockMasks.Block block = new MultiBlockMasks.Block((int) sides[0], (int) sides[1], (int) sides[2]);
        HostTensor corners = file.read(at + CORNERS);
        long[] values = corners.longs();
        int blocks = (int) corners.shape()[1];
        List<BitSet> contexts = new ArrayList<>();
        for (int attempt = 0; attempt < corners.shape()[0]; attempt++) {
            int[][] own = new int[blocks][3];
            for (int i = 0; i < 3 * blocks; i++) {
                own[i / 3][i % 3] = (int) values[attempt * 3 * blocks + i];
            }
            BitSet context = MultiBlockMasks.context(config(c), grid(c), block, own);
            if (!context.isEmpty()) {
                contexts.add(context);
            }
        }
        MaskPair pair = MultiBlockMasks.collate(config(c), grid(c), contexts);
        assertThat(pair.contextIds())
                .isEqualTo(file.read(at + "/context_indices").longs());
        assertThat(pair.targetIds()).isEqualTo(file.read(at + "/target_indices").longs());
    }

    private static TokenGrid grid(JsonNode c) {
        int side = c.path("crop_size").asInt() / c.path("patch_size").asInt();
        return new TokenGrid(
                c.path("num_frames").asInt() / c.path("tubelet_size").asInt(), side, side);
    }

    private static BlockMask config(JsonNode c) {
        return new BlockMask(
                c.path("num_blocks").asInt(),
                range(c.path("spatial_scale")),
                range(c.path("temporal_scale")),
                range(c.path("aspect_ratio")),
                c.path("max_temporal_keep").asDouble(),
                c.path("max_keep").asInt(0),
                complement(c));
    }

    private static BlockMask.Complement complement(JsonNode c) {
        if (c.path("full_complement").asBoolean()) {
            return BlockMask.Complement.TARGET;
        }
        if (c.path("pred_full_complement").asBoolean()) {
            return BlockMask.Complement.CONTEXT;
        }
        return c.path("inv_block").asBoolean() ? BlockMask.Complement.SWAP : BlockMask.Complement.NONE;
    }

    private static BlockMask.Range range(JsonNode pair) {
        return new BlockMask.Range(pair.path(0).asDouble(), pair.path(1).asDouble());
    }
}
