package io.jepastream.trainer.report;

import java.util.List;

/**
 * A comparison of the paper.
 *
 * @param name to ask for it by
 * @param title for people
 * @param source where the paper has it, such as {@code Table 1}
 * @param columns data sets of the paper's figures
 * @param variants what is compared
 * @param orderings what the paper found to be better than what
 * @param note how this one differs from the paper's
 */
public record Study(
        String name,
        String title,
        String source,
        List<String> columns,
        List<Variant> variants,
        List<Ordering> orderings,
        String note) {
    /** One variant above another, by their numbers from 0. */
    public record Ordering(int better, int worse) {}

    public Study {
        columns = List.copyOf(columns);
        variants = List.copyOf(variants);
        orderings = List.copyOf(orderings);
        for (Variant variant : variants) {
            if (!variant.paper().isEmpty() && variant.paper().size() != columns.size()) {
                throw new IllegalArgumentException("study %s: want %d figures of the paper for '%s', got %s"
                        .formatted(name, columns.size(), variant.label(), variant.paper()));
            }
        }
        for (Ordering ordering : orderings) {
            if (Math.max(ordering.better(), ordering.worse()) >= variants.size()) {
                throw new IllegalArgumentException("study %s: want orderings of its %d variants, got %s"
                        .formatted(name, variants.size(), ordering));
            }
        }
    }
}
