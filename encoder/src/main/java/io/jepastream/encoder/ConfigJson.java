package io.jepastream.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Architectures as JSON, under the field names of a bundle's {@code config.json}; unknown fields are let pass. */
final class ConfigJson {
    private static final String INTERPOLATE = "interpolate_rope";
    private static final String MODALITY = "modality_embedding";
    private static final String IMAGE_FRAMES = "img_temporal_dim_size";
    private static final String LEVELS = "n_output_distillation";
    private static final String TEACHER =
            "teacher_embed_dim"; // width of all levels of the teacher, as the reference has it
    private static final ObjectMapper JSON = new ObjectMapper();

    private ConfigJson() {}

    /** The five numbers that fix an encoder are required; the rest falls back to the builder's defaults. */
    static EncoderConfig encoder(Family family, JsonNode node) {
        JsonNode size = required(node, "img_size");
        int height = size.isArray() ? size.path(0).asInt() : size.asInt();
        int width = size.isArray() ? size.path(1).asInt() : size.asInt();
        EncoderConfig defaults = EncoderConfig.builder(family).build();
        return EncoderConfig.builder(family)
                .imgSize(height, width)
                .patchSize(required(node, "patch_size").asInt())
                .numFrames(required(node, "num_frames").asInt())
                .tubeletSize(node.path("tubelet_size").asInt(defaults.tubeletSize()))
                .inChans(node.path("in_chans").asInt(defaults.inChans()))
                .embedDim(required(node, "embed_dim").asInt())
                .depth(required(node, "depth").asInt())
                .numHeads(required(node, "num_heads").asInt())
                .mlpRatio(node.path("mlp_ratio").asDouble(defaults.mlpRatio()))
                .qkvBias(node.path("qkv_bias").asBoolean(defaults.qkvBias()))
                .uniformPower(node.path("uniform_power").asBoolean(defaults.uniformPower()))
                .useRope(node.path("use_rope").asBoolean(defaults.useRope()))
                .silu(
                        node.path("use_silu").asBoolean(defaults.useSilu()),
                        node.path("wide_silu").asBoolean(defaults.wideSilu()))
                .normEps(node.path("norm_eps").asDouble(defaults.normEps()))
                .dense(dense(node, defaults.dense()))
                .build();
    }

    private static DenseConfig dense(JsonNode node, DenseConfig defaults) {
        if (defaults.equals(DenseConfig.NONE)) {
            return defaults;
        }
        requireOneFrameImages(node);
        return new DenseConfig(
                node.path(INTERPOLATE).asBoolean(defaults.interpolateRope()),
                node.path(MODALITY).asBoolean(defaults.modalityEmbedding()),
                node.path(LEVELS).asInt(defaults.outputLevels()));
    }

    private static void requireOneFrameImages(JsonNode node) {
        int frames = node.path(IMAGE_FRAMES).asInt(1);
        EncoderConfig.require(frames == 1, "%s: want 1, got %d", IMAGE_FRAMES, frames);
    }

    static ObjectNode encoder(EncoderConfig config) {
        ObjectNode node = JSON.createObjectNode();
        if (config.imgHeight() == config.imgWidth()) {
            node.put("img_size", config.imgHeight());
        } else {
            node.putArray("img_size").add(config.imgHeight()).add(config.imgWidth());
        }
        node.put("patch_size", config.patchSize())
                .put("num_frames", config.numFrames())
                .put("tubelet_size", config.tubeletSize())
                .put("in_chans", config.inChans())
                .put("embed_dim", config.embedDim())
                .put("depth", config.depth())
                .put("num_heads", config.numHeads())
                .put("mlp_ratio", config.mlpRatio())
                .put("qkv_bias", config.qkvBias())
                .put("uniform_power", config.uniformPower())
                .put("use_rope", config.useRope())
                .put("use_silu", config.useSilu())
                .put("wide_silu", config.wideSilu())
                .put("norm_eps", config.normEps());
        DenseConfig dense = config.dense();
        if (!dense.equals(DenseConfig.NONE)) {
            node.put(INTERPOLATE, dense.interpolateRope())
                    .put(MODALITY, dense.modalityEmbedding())
                    .put(IMAGE_FRAMES, 1)
                    .put(LEVELS, dense.outputLevels());
        }
        return node;
    }

    static PredictorConfig predictor(Family family, JsonNode node) {
        return new PredictorConfig(
                required(node, "embed_dim").asInt(),
                required(node, "predictor_embed_dim").asInt(),
                required(node, "depth").asInt(),
                required(node, "num_heads").asInt(),
                node.path("mlp_ratio").asDouble(4),
                required(node, "num_mask_tokens").asInt(),
                node.path("qkv_bias").asBoolean(true),
                node.path("use_rope").asBoolean(family != Family.VJEPA1),
                node.path("uniform_power").asBoolean(family == Family.VJEPA1),
                node.path("use_silu").asBoolean(false),
                node.path("wide_silu").asBoolean(true),
                node.path("norm_eps").asDouble(1e-6),
                family == Family.VJEPA21 ? densePredictor(node) : DensePredictorConfig.NONE);
    }

    private static DensePredictorConfig densePredictor(JsonNode node) {
        requireOneFrameImages(node);
        int levels = node.path(LEVELS).asInt(DenseConfig.LEVELS);
        EncoderConfig.require(levels > 0, "predictor %s: want positive, got %d", LEVELS, levels);
        int output = node.hasNonNull(TEACHER)
                ? node.get(TEACHER).asInt() / levels
                : levels * required(node, "embed_dim").asInt();
        return new DensePredictorConfig(
                levels,
                output,
                node.path(INTERPOLATE).asBoolean(true),
                node.path(MODALITY).asBoolean(true),
                node.path("return_all_tokens").asBoolean(true));
    }

    static ObjectNode predictor(PredictorConfig config) {
        ObjectNode node = JSON.createObjectNode()
                .put("embed_dim", config.embedDim())
                .put("predictor_embed_dim", config.predictorEmbedDim())
                .put("depth", config.depth())
                .put("num_heads", config.numHeads())
                .put("mlp_ratio", config.mlpRatio())
                .put("num_mask_tokens", config.numMaskTokens())
                .put("qkv_bias", config.qkvBias())
                .put("use_rope", config.useRope())
                .put("uniform_power", config.uniformPower())
                .put("use_silu", config.useSilu())
                .put("wide_silu", config.wideSilu())
                .put("norm_eps", config.normEps());
        DensePredictorConfig dense = config.dense();
        if (!dense.equals(DensePredictorConfig.NONE)) {
            node.put(INTERPOLATE, dense.interpolateRope())
                    .put(MODALITY, dense.modalityEmbedding())
                    .put(IMAGE_FRAMES, 1)
                    .put(LEVELS, dense.levels())
                    .put("return_all_tokens", dense.returnAllTokens());
            if (dense.outputDim() != config.inputDim()) {
                node.put(TEACHER, dense.outputDim() * dense.levels());
            }
        }
        return node;
    }

    static JsonNode required(JsonNode node, String field) {
        if (!node.hasNonNull(field)) {
            throw new IllegalArgumentException("configuration: want a field '%s', got only %s"
                    .formatted(
                            field,
                            node.isObject()
                                    ? node.properties().stream()
                                            .map(e -> e.getKey())
                                            .toList()
                                    : node));
        }
        return node.get(field);
    }
}
