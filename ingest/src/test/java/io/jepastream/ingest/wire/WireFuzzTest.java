package io.jepastream.ingest.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.fuzz.Fuzz;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records from whoever may write to the topics. */
final class WireFuzzTest {
    @ParameterizedTest
    @ValueSource(strings = {"Frame", "Clip", "ClipGap"})
    void bytes_areARecordOrRefused(String name) throws Exception {
        Wire<?> wire = switch (name) {
            case "Frame" -> Wire.frames();
            case "Clip" -> Wire.clips();
            default -> Wire.gaps();
        };
        Fuzz.of("record " + name)
                .seed(committed(name + "-1"))
                .mayThrow(WireException.class)
                .run(wire::read);
    }

    private static byte[] committed(String name) throws IOException {
        try (InputStream in = WireFuzzTest.class.getResourceAsStream("/wire/" + name + ".hex")) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), UTF_8).strip());
        }
    }
}
