package io.jepastream.app;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.PositionTables;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Counts what a set of tensors holds, one tensor at a time. */
final class Survey {
    private static final int NAMED = 4;

    private final String what;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Set<Dtype> types = new TreeSet<>();
    private final List<String> notFinite = new ArrayList<>();
    private Optional<HostTensor> table = Optional.empty();
    private int zeroMaskTokens;
    private long parameters;
    private long tables;
    private long bytes;

    Survey(String what) {
        this.what = what;
    }

    /** Surveys all of these. */
    static Survey of(String what, Map<String, HostTensor> tensors) {
        Survey survey = new Survey(what);
        tensors.forEach(survey::add);
        return survey;
    }

    void add(String name, HostTensor tensor) {
        shapes.put(name, new Shape(tensor.shape()));
        types.add(tensor.dtype());
        bytes += tensor.byteSize();
        if (name.endsWith("pos_embed")) {
            tables += tensor.size();
            table = Optional.of(tensor);
        } else {
            parameters += tensor.size();
        }
        if (tensor.firstNonFinite() >= 0) {
            notFinite.add(name);
        }
        if (name.contains("mask_tokens") && isZero(tensor)) {
            zeroMaskTokens++;
        }
    }

    private static boolean isZero(HostTensor tensor) {
        for (ByteBuffer piece : tensor.pieces(1 << 20)) {
            while (piece.hasRemaining()) {
                if (piece.get() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Puts the counts among the facts, and what is odd about the values among the unusual. */
    void tell(Findings findings) {
        String and = tables > 0 ? String.format(Locale.ROOT, " and a table of %,d", tables) : "";
        findings.fact(
                what,
                String.format(
                        Locale.ROOT,
                        "%,d parameters%s in %d tensors of %s, %s",
                        parameters,
                        and,
                        shapes.size(),
                        types.stream().map(Dtype::torchName).collect(Collectors.joining(", ")),
                        Sizes.bytes(bytes)));
        if (types.size() > 1) {
            findings.unusual("%s: its tensors are of several types".formatted(what));
        }
        if (!notFinite.isEmpty()) {
            findings.unusual("%s: values that are not finite in %s".formatted(what, some(notFinite)));
        }
        if (zeroMaskTokens > 0) {
            findings.unusual(
                    "%s: mask tokens that are all zero: %d, as before training".formatted(what, zeroMaskTokens));
        }
    }

    /** Says which tensors an architecture does not have, or wants otherwise. */
    void compare(Map<String, Shape> wanted, Findings findings) {
        List<String> extra = new ArrayList<>(shapes.keySet());
        extra.removeAll(wanted.keySet());
        List<String> missing = new ArrayList<>(wanted.keySet());
        missing.removeAll(shapes.keySet());
        if (extra.removeIf(name -> name.endsWith("pos_embed"))) {
            findings.unusual("%s: a position table, which rotary positions leave unused".formatted(what));
        }
        if (!extra.isEmpty()) {
            findings.unusual("%s: tensors outside of the layout: %s".formatted(what, some(extra)));
        }
        if (!missing.isEmpty()) {
            findings.unusual("%s: tensors that are missing: %s".formatted(what, some(missing)));
        }
        List<String> other = shapes.keySet().stream()
                .filter(name -> wanted.containsKey(name) && !Objects.equals(shapes.get(name), wanted.get(name)))
                .map(name -> "%s %s, want %s".formatted(name, shapes.get(name), wanted.get(name)))
                .toList();
        if (!other.isEmpty()) {
            findings.unusual("%s: tensors of another shape: %s".formatted(what, some(other)));
        }
    }

    /** Says how far a position table that is used has moved from where it started. */
    void drift(EncoderConfig encoder, boolean rotary, boolean uniformPower, Findings findings) {
        if (rotary || encoder.isImage() || table.isEmpty() || table.get().shape()[1] != encoder.tokens()) {
            return;
        }
        double drift = PositionTables.drift(table.get(), encoder, uniformPower);
        double rounding = table.get().dtype().bytes() > 2 ? 1e-6 : 4e-3;
        if (drift > rounding) {
            findings.unusual(String.format(
                    Locale.ROOT, "%s: its position table differs from the analytic one by up to %.1e", what, drift));
        }
    }

    /** Lists the weights of each kind, block numbers taken together: enough to tell an architecture by eye. */
    void outline(Findings findings) {
        Map<String, Integer> kinds = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            if (!name.endsWith(".bias") && !name.contains("norm")) {
                String kind = name.replaceAll("\\.\\d+(?=\\.|$)", ".*");
                kinds.merge(kind + " " + Arrays.toString(shape.getShape()), 1, Integer::sum);
            }
        });
        findings.fact(
                "  shapes",
                kinds.entrySet().stream()
                        .map(kind -> kind.getValue() == 1 ? kind.getKey() : kind.getKey() + " x " + kind.getValue())
                        .collect(Collectors.joining("; ")));
    }

    private static String some(List<String> names) {
        String first = names.stream().limit(NAMED).collect(Collectors.joining("; "));
        return names.size() <= NAMED ? first : "%s and %d more".formatted(first, names.size() - NAMED);
    }
}
