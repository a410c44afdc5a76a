package io.jepastream.trainer.pretrain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pretraining run, as its YAML file says. The file names a {@code recipe} (vjepa1, vjepa2 or vjepa2.1) and says what it
 * wants otherwise; names are those of the reference's configurations where it has the thing.
 *
 * @param family generation of the model
 * @param seed of weights, masks and data
 * @param model sizes of the encoder
 * @param predictor sizes of the predictor
 * @param init first weights; none: the reference's
 * @param data footage
 * @param augment how clips are varied
 * @param mask masks of a step, the short-range one first
 * @param imageMask masks of pictures that are one frame; V-JEPA 2.1 alone has them
 * @param loss what is minimised
 * @param optimization schedules
 * @param run how it is carried out
 */
public record PretrainConfig(
        String family,
        long seed,
        Model model,
        PredictorSize predictor,
        @Nullable Init init,
        Data data,
        Augment augment,
        List<Mask> mask,
        @Nullable List<Mask> imageMask,
        Loss loss,
        Optimization optimization,
        Run run) {
    private static final ObjectMapper YAML = new ObjectMapper(
                    new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    private static final Set<String> RECIPES = Set.of("vjepa1", "vjepa2", "vjepa2.1");
    private static final long MOST_BYTES = 1 << 20;

    /**
     * Sizes of the encoder: an official {@code size}, or width, depth and heads.
     *
     * @param size such as {@code vit_large}; the three numbers win over it
     * @param imgSize pixels of a side
     */
    public record Model(
            @Nullable String size,
            @Nullable Integer embedDim,
            @Nullable Integer depth,
            @Nullable Integer numHeads,
            @Nullable Double mlpRatio,
            int imgSize,
            int patchSize,
            int numFrames,
            int tubeletSize) {}

    /** Sizes of the predictor; {@code numHeads} defaults to the encoder's. */
    public record PredictorSize(
            int embedDim, int depth, @Nullable Integer numHeads, int numMaskTokens) {}

    /**
     * First weights of encoder and predictor where they are not the reference's; no official model has these.
     *
     * @param gain times the reference's deviation of all matrices but those that read pixels
     * @param motionFilters whether the tubelet embedding starts with {@link MotionFilters}
     */
    public record Init(@Nullable Double gain, @Nullable Boolean motionFilters) {
        /** What is not the reference's, such as {@code gain 2.5, motion filters}; empty where nothing is. */
        String changes() {
            List<String> changes = new ArrayList<>();
            if (gain != null && gain != 1) {
                changes.add("gain " + gain);
            }
            if (motionFilters != null && motionFilters) {
                changes.add("motion filters");
            }
            return String.join(", ", changes);
        }
    }

    /**
     * Footage: videos, lists and pictures, or sets of them.
     *
     * @param videos files, folders, or folders of one folder per class; relative to the file
     * @param lists files of lines {@code path label}; relative to the file
     * @param pictures as videos, of one frame each
     * @param sets in place of the three
     * @param batchSize clips of one forward pass of one device
     * @param imageBatchSize pictures of one forward pass of one device, where V-JEPA 2.1 takes them as one frame; as many as
     *     clips by default
     * @param accumulate forward passes of one step on each device
     * @param frameStep frames of the video from one of the clip to the next, as V-JEPA 1 samples
     * @param fps frames per second of a clip, as V-JEPA 2 samples; wins over {@code frameStep}
     * @param cache folder for decoded frames; none decodes again every time
     * @param threads that decode
     */
    public record Data(
            @Nullable List<String> videos,
            @Nullable List<String> lists,
            @Nullable List<String> pictures,
            @Nullable List<DataSet> sets,
            int batchSize,
            @Nullable Integer imageBatchSize,
            int accumulate,
            @Nullable Integer frameStep,
            @Nullable Integer fps,
            @Nullable String cache,
            @Nullable Integer threads) {}

    /**
     * One of several data sets; what it leaves out is as {@link Data} and the model have it.
     *
     * @param frames of its clips
     * @param weight part of the drawn clips, in any unit, for all sets or for none; of pictures beside videos of V-JEPA 2.1
     *     part of the step
     */
    public record DataSet(
            @Nullable List<String> videos,
            @Nullable List<String> lists,
            @Nullable List<String> pictures,
            @Nullable Integer frames,
            @Nullable Double weight,
            @Nullable Integer frameStep,
            @Nullable Integer fps) {}

    /** A random part of the frame, of {@code scale} of its area and {@code aspect} width over height, maybe mirrored. */
    public record Augment(List<Double> scale, List<Double> aspect, boolean flip) {}

    /** A multi-block mask, or with {@code ratio} alone a random-tube one. */
    public record Mask(
            @Nullable Double ratio,
            @Nullable Integer numBlocks,
            @Nullable List<Double> spatialScale,
            @Nullable List<Double> temporalScale,
            @Nullable List<Double> aspectRatio,
            @Nullable Double maxTemporalKeep,
            @Nullable Integer maxKeep,
            @Nullable Boolean fullComplement,
            @Nullable Boolean predFullComplement,
            @Nullable Boolean invBlock) {}

    /** See {@link Objective}; {@code pixels} wants no V-JEPA 2.1. The context weight rises from iteration {@code contextFrom} to {@code contextTo}. */
    public record Loss(
            double lossExp,
            double regCoeff,
            @Nullable Double contextWeight,
            @Nullable Long contextFrom,
            @Nullable Long contextTo,
            @Nullable Boolean weighDistance,
            @Nullable Boolean pixels,
            @Nullable Boolean whiten) {}

    /**
     * Schedules, which span {@code ipeScale} times the steps that are run.
     *
     * @param ipe steps of an epoch
     * @param epochs that are run
     * @param warmup epochs
     * @param anneal a straight line from {@code lr} to {@code finalLr} in place of warm-up and cosine: the cool-down
     * @param ema momentum of the target encoder, first and last
     * @param clipGrad most that a gradient's norm may be, from the epoch after the warm-up; 0 for no limit
     */
    public record Optimization(
            int ipe,
            int epochs,
            double ipeScale,
            double warmup,
            @Nullable Boolean anneal,
            double startLr,
            double lr,
            double finalLr,
            double weightDecay,
            double finalWeightDecay,
            List<Double> ema,
            double clipGrad) {
        /** Steps that are run. */
        public long steps() {
            return (long) ipe * epochs;
        }
    }

    /**
     * How it is carried out.
     *
     * @param precision fp32, bf16 or auto
     * @param device cpu, gpu:N or auto
     * @param devices several of them, which share each step; wins over {@code device}
     * @param checkpointEvery steps
     * @param keep checkpoints that are kept
     * @param collapseEvery steps between measurements of the features
     * @param stopOnCollapse whether collapsed features end the run
     */
    public record Run(
            String precision,
            String device,
            @Nullable List<String> devices,
            int checkpointEvery,
            int keep,
            int collapseEvery,
            boolean stopOnCollapse) {
        /** Those that are used, at least one. */
        public List<String> deviceNames() {
            return devices == null ? List.of(device) : devices;
        }
    }

    public PretrainConfig {
        requireGiven("family", family);
        requireGiven("model", model);
        requireGiven("predictor", predictor);
        requireGiven("data", data);
        requireGiven("augment", augment);
        requireGiven("mask", mask);
        requireGiven("loss", loss);
        requireGiven("optimization", optimization);
        requireGiven("run", run);
        requireGiven("run: device", run.device());
        requireItems("augment: scale", augment.scale());
        requireItems("augment: aspect", augment.aspect());
        requireItems("mask", mask);
        requireItems("image_mask", imageMask == null ? List.of() : imageMask);
        requireItems("optimization: ema", optimization.ema());
        requireItems("run: devices", run.deviceNames());
        require(
                data.batchSize() > 0 && data.accumulate() > 0,
                "data: want batch_size and accumulate from 1, got " + data);
        Integer images = data.imageBatchSize();
        require(images == null || images > 0, "data: image_batch_size: want 1 or more, got " + images);
        require(!mask.isEmpty(), "mask: want at least one, got none");
        require(
                optimization.ipe() > 0 && optimization.epochs() > 0 && optimization.ipeScale() > 0,
                "optimization: want positive ipe, epochs and ipe_scale, got " + optimization);
        require(optimization.ema().size() == 2, "optimization: ema: want two numbers, got " + optimization.ema());
        require(!run.deviceNames().isEmpty(), "run: devices: want at least one, got none");
        require(
                run.checkpointEvery() > 0 && run.keep() > 0 && run.collapseEvery() > 0,
                "run: want positive checkpoint_every, keep and collapse_every, got " + run);
    }

    /** YAML can say null, or nothing, where something has to be. */
    private static void requireGiven(String what, @Nullable Object value) {
        require(value != null, what + ": want it given, got null");
    }

    private static void requireItems(String what, @Nullable List<?> items) {
        boolean whole = items != null && items.stream().allMatch(Objects::nonNull);
        require(whole, what + ": want a list without nulls, got " + items);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * Reads a file over its recipe.
     *
     * @throws IOException if it cannot be read, is no YAML, or says something that no run has
     */
    public static PretrainConfig read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("%s: want at most %d bytes, got %d".formatted(file, MOST_BYTES, Files.size(file)));
        }
        return parse(file.toString(), Files.readString(file));
    }

    /** Reads a text over its recipe; {@code name} is for errors. */
    static PretrainConfig parse(String name, String text) throws IOException {
        try {
            JsonNode own = YAML.readTree(text);
            if (!(own instanceof ObjectNode fields)) {
                throw new IOException("%s: want fields such as 'recipe: vjepa2', got none".formatted(name));
            }
            JsonNode recipe = fields.remove("recipe");
            String wanted = recipe == null ? "" : recipe.asText();
            if (!RECIPES.contains(wanted)) {
                throw new IOException("%s: recipe: want one of %s, got '%s'"
                        .formatted(name, RECIPES.stream().sorted().toList(), wanted));
            }
            ObjectNode merged = recipe(wanted);
            merge(merged, fields);
            return YAML.treeToValue(merged, PretrainConfig.class);
        } catch (JsonMappingException e) {
            String path = e.getPath().stream()
                    .map(step -> step.getFieldName() == null ? String.valueOf(step.getIndex()) : step.getFieldName())
                    .collect(Collectors.joining("."));
            throw new IOException("%s: %s: %s".formatted(name, path, e.getOriginalMessage()), e);
        } catch (JsonProcessingException e) {
            throw new IOException("%s: no YAML: %s".formatted(name, e.getOriginalMessage()), e);
        }
    }

    /** Reads what {@link #toYaml} wrote. */
    static PretrainConfig stored(String yaml) throws IOException {
        return YAML.readerFor(PretrainConfig.class).readValue(yaml);
    }

    private static ObjectNode recipe(String name) throws IOException {
        String resource = "/io/jepastream/trainer/recipes/%s.yaml".formatted(name);
        try (InputStream in = PretrainConfig.class.getResourceAsStream(resource)) {
            return (ObjectNode) YAML.readTree(in);
        }
    }

    /** Objects are merged field by field, everything else is replaced. */
    private static void merge(ObjectNode into, ObjectNode own) {
        own.properties().forEach(field -> {
            JsonNode there = into.get(field.getKey());
            if (there instanceof ObjectNode deeper && field.getValue() instanceof ObjectNode fields) {
                merge(deeper, fields);
            } else {
                into.set(field.getKey(), field.getValue());
            }
        });
    }

    /** The whole configuration as YAML, recipe included: what a checkpoint remembers. */
    public String toYaml() {
        try {
            return YAML.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a configuration is plain data", e);
        }
    }
}
