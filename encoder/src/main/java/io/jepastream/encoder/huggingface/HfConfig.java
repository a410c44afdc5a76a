package io.jepastream.encoder.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.PredictorConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The fields of the port's {@code config.json}; those left out have the port's defaults, unknown ones are let pass. */
final class HfConfig {
    static final String MODEL_TYPE = "vjepa2";

    /** Ours: the attention heads of the probe, which the port does not tell apart from the encoder's. */
    private static final String POOLER_HEADS = "num_pooler_attention_heads";

    private static final ObjectMapper JSON = new ObjectMapper();

    private HfConfig() {}

    static EncoderConfig encoder(JsonNode config) {
        require(config, "model_type", MODEL_TYPE, MODEL_TYPE);
        require(config, "hidden_act", "gelu", "gelu");
        require(config, "use_SiLU", "false", "false");
        require(config, "use_rope", "true", "true");
        int side = config.path("crop_size").asInt(config.path("image_size").asInt(256));
        return EncoderConfig.builder(Family.VJEPA2)
                .imgSize(side)
                .patchSize(config.path("patch_size").asInt(16))
                .numFrames(config.path("frames_per_clip").asInt(64))
                .tubeletSize(config.path("tubelet_size").asInt(2))
                .inChans(config.path("in_chans").asInt(3))
                .embedDim(config.path("hidden_size").asInt(1024))
                .depth(config.path("num_hidden_layers").asInt(24))
                .numHeads(config.path("num_attention_heads").asInt(16))
                .mlpRatio(config.path("mlp_ratio").asDouble(4))
                .qkvBias(config.path("qkv_bias").asBoolean(true))
                .normEps(config.path("layer_norm_eps").asDouble(1e-6))
                .build();
    }

    private static void require(JsonNode config, String field, String wanted, String otherwise) {
        String got = config.path(field).asText(otherwise);
        if (!got.equals(wanted)) {
            throw new IllegalArgumentException(
                    "config.json: field '%s': want %s, got '%s'".formatted(field, wanted, got));
        }
    }

    static PredictorConfig predictor(JsonNode config, EncoderConfig encoder) {
        return new PredictorConfig(
                encoder.embedDim(),
                config.path("pred_hidden_size").asInt(384),
                config.path("pred_num_hidden_layers").asInt(12),
                config.path("pred_num_attention_heads").asInt(12),
                config.path("pred_mlp_ratio").asDouble(4),
                config.path("pred_num_mask_tokens").asInt(10),
                encoder.qkvBias(),
                true,
                false,
                false,
                true,
                encoder.normEps());
    }

    /** Class names in order; empty where none are given. */
    static List<String> labels(JsonNode config) {
        JsonNode names = config.path("id2label");
        List<String> labels = new ArrayList<>();
        while (names.has(Integer.toString(labels.size()))) {
            String text = names.get(Integer.toString(labels.size()))
                    .asText()
                    .replaceAll("\\s+", " ")
                    .strip();
            labels.add(text.isEmpty() ? "class-" + labels.size() : text);
        }
        if (labels.size() != names.size()) {
            throw new IllegalArgumentException("config.json: field 'id2label': want ids 0 to %d, got %s"
                    .formatted(
                            names.size() - 1,
                            names.properties().stream().map(Map.Entry::getKey).toList()));
        }
        return labels;
    }

    /**
     * Attention heads of the probe. The port takes the encoder's, 22 for ViT-g; every released probe was trained with 16,
     * and other heads give other scores. So 16 wherever that divides the width.
     */
    static int poolerHeads(JsonNode config, EncoderConfig encoder) {
        int usual = encoder.embedDim() % 16 == 0 ? 16 : encoder.numHeads();
        return config.path(POOLER_HEADS).asInt(usual);
    }

    /**
     * Writes all fields.
     *
     * @throws IllegalArgumentException if the port has no such architecture
     */
    static ObjectNode json(EncoderConfig encoder, Optional<PredictorConfig> predictor) {
        requireExpressible(encoder);
        PredictorConfig official = PredictorConfig.officialFor(encoder);
        PredictorConfig told = predictor.orElse(official);
        PredictorConfig back = new PredictorConfig(
                encoder.embedDim(),
                told.predictorEmbedDim(),
                told.depth(),
                told.numHeads(),
                told.mlpRatio(),
                told.numMaskTokens(),
                encoder.qkvBias(),
                true,
                false,
                false,
                true,
                encoder.normEps());
        if (predictor.isPresent() && !told.equals(back)) {
            throw cannot("a predictor such as " + back, told);
        }
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add("VJEPA2Model");
        return json.put("model_type", MODEL_TYPE)
                .put("patch_size", encoder.patchSize())
                .put("crop_size", encoder.imgHeight())
                .put("image_size", encoder.imgHeight())
                .put("frames_per_clip", encoder.numFrames())
                .put("tubelet_size", encoder.tubeletSize())
                .put("hidden_size", encoder.embedDim())
                .put("in_chans", encoder.inChans())
                .put("num_attention_heads", encoder.numHeads())
                .put("num_hidden_layers", encoder.depth())
                .put("mlp_ratio", encoder.mlpRatio())
                .put("drop_path_rate", 0.0)
                .put("layer_norm_eps", encoder.normEps())
                .put("qkv_bias", encoder.qkvBias())
                .put("attention_probs_dropout_prob", 0.0)
                .put("attention_dropout", 0.0)
                .put("hidden_act", "gelu")
                .put("initializer_range", 0.02)
                .put("num_pooler_layers", 3)
                .put("pred_hidden_size", told.predictorEmbedDim())
                .put("pred_num_attention_heads", told.numHeads())
                .put("pred_num_hidden_layers", told.depth())
                .put("pred_num_mask_tokens", told.numMaskTokens())
                .put("pred_zero_init_mask_tokens", true)
                .put("pred_mlp_ratio", told.mlpRatio());
    }

    private static void requireExpressible(EncoderConfig encoder) {
        if (encoder.family() != Family.VJEPA2) {
            throw cannot(
                    "a model of family " + Family.VJEPA2.id(), encoder.family().id());
        }
        if (encoder.useSilu()) {
            throw cannot("a plain feed-forward part (GELU)", "a gated one (SwiGLU)");
        }
        if (!encoder.useRope()) {
            throw cannot("rotary positions", "a position table");
        }
        if (encoder.imgHeight() != encoder.imgWidth() || encoder.isImage()) {
            throw cannot(
                    "square clips",
                    "%d frames of %d x %d".formatted(encoder.numFrames(), encoder.imgHeight(), encoder.imgWidth()));
        }
        if (encoder.uniformPower() || !encoder.wideSilu()) {
            throw cannot("the defaults of uniform_power and wide_silu, which have no effect here", encoder);
        }
    }

    private static IllegalArgumentException cannot(String wanted, Object got) {
        return new IllegalArgumentException("Hugging Face layout: want %s, got %s".formatted(wanted, got));
    }

    /** Adds what a classification model says of its head. */
    static void classification(ObjectNode json, List<String> labels, int poolerLayers, int poolerHeads) {
        json.putArray("architectures").removeAll().add("VJEPA2ForVideoClassification");
        json.put("num_pooler_layers", poolerLayers).put(POOLER_HEADS, poolerHeads);
        ObjectNode names = json.putObject("id2label");
        ObjectNode ids = json.putObject("label2id");
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
            ids.put(labels.get(i), i);
        }
    }

    /** {@code video_preprocessor_config.json} for clips of the encoder's size. */
    static ObjectNode preprocessor(EncoderConfig encoder) {
        EvalTransform transform = new EvalTransform(encoder.imgHeight());
        ObjectNode json = JSON.createObjectNode();
        json.put("video_processor_type", "VJEPA2VideoProcessor").put("do_resize", true);
        json.putObject("size").put("shortest_edge", transform.shortSide());
        json.put("resample", 2).put("do_center_crop", true);
        json.putObject("crop_size").put("height", transform.crop()).put("width", transform.crop());
        json.put("do_rescale", true).put("rescale_factor", 1.0 / 255).put("do_normalize", true);
        transform.mean().forEach(json.putArray("image_mean")::add);
        transform.std().forEach(json.putArray("image_std")::add);
        return json;
    }

    /** How a preprocessor's configuration differs from what we do; empty where it does not. */
    static List<String> unusual(JsonNode preprocessor, EncoderConfig encoder) {
        List<String> unusual = new ArrayList<>();
        ObjectNode ours = preprocessor(encoder);
        for (String field : List.of(
                "do_resize",
                "resample",
                "do_center_crop",
                "crop_size",
                "do_rescale",
                "do_normalize",
                "rescale_factor",
                "image_mean",
                "image_std")) {
            JsonNode theirs = preprocessor.get(field);
            if (theirs != null && !same(theirs, ours.get(field))) {
                unusual.add("preprocessing: field '%s': want %s, got %s".formatted(field, ours.get(field), theirs));
            }
        }
        return unusual;
    }

    private static boolean same(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return Math.abs(a.asDouble() - b.asDouble()) < 1e-6;
        }
        if (a.isObject() && b.isObject()) {
            return a.properties().stream().allMatch(field -> same(field.getValue(), b.path(field.getKey())));
        }
        if (a.isArray() && b.isArray() && a.size() == b.size()) {
            return IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
        }
        return a.equals(b);
    }
}
