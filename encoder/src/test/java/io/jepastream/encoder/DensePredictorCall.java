package io.jepastream.encoder;

import io.jepastream.encoder.golden.DenseComparison;
import io.jepastream.encoder.golden.GoldenCase;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a recorded output of the predictor came about: {@code out/ENTRY/INPUT/target} or {@code out/ENTRY/target}.
 *
 * @param context name of the context tokens
 * @param masks prefix of the two index lists
 */
record DensePredictorCall(String context, String masks, int maskIndex, Modality modality) {
    private static final Pattern INDEX = Pattern.compile("mask_index (\\d+)");
    private static final Pattern PAIR = Pattern.compile("(\\w+) pair");

    static DensePredictorCall of(GoldenCase golden, DenseComparison files, String output) {
        List<String> path = List.of(output.split("/", -1));
        String input = path.get(path.size() - 2);
        // Which mask token and whose lists is said in words: "mask_index 5", "mask0 pair", "mod image".
        String meaning = golden.node()
                .path("tensor_meanings")
                .path(String.join("/", path.subList(0, path.size() - 1)))
                .asText();
        Matcher index = INDEX.matcher(meaning);
        int maskIndex = index.find() ? Integer.parseInt(index.group(1)) : 0;
        Matcher pair = PAIR.matcher(meaning);
        String borrowed = pair.find() ? pair.group(1) : "mask0";
        String tokens = files.has("in/" + input + "/context") ? input : borrowed;
        String lists = files.has("in/" + tokens + "/context_mask") ? tokens : fitting(files, tokens);
        boolean image = lists.contains("image") || meaning.contains("mod image");
        return new DensePredictorCall(
                "in/" + tokens + "/context", "in/" + lists, maskIndex, image ? Modality.IMAGE : Modality.VIDEO);
    }

    /** Tokens without lists of their own have the first that are as long. */
    private static String fitting(DenseComparison files, String tokens) {
        long[] wanted = files.shape("in/" + tokens + "/context");
        return files.inputs("/context_mask").stream()
                .filter(name -> Arrays.equals(files.shape("in/" + name + "/context_mask"), Arrays.copyOf(wanted, 2)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no index lists for in/%s/context".formatted(tokens)));
    }
}
