package io.jepastream.app;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The constants of an enum by their names for people. */
abstract class LabelConverter<E extends Enum<E>> implements ITypeConverter<E> {
    private final List<E> constants;
    private final Function<E, String> label;

    LabelConverter(E[] constants, Function<E, String> label) {
        this.constants = List.of(constants);
        this.label = label;
    }

    @Override
    public final E convert(String text) {
        return constants.stream()
                .filter(constant -> label.apply(constant).equals(text.strip()))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("want %s, got '%s'"
                        .formatted(constants.stream().map(label).collect(Collectors.joining(" or ")), text)));
    }
}
