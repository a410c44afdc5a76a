package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.tensor.Dtype;
import java.util.Map;
import java.util.Optional;

/** What a pickle may name, all of it known here by name; nothing is ever looked up in the running program. */
sealed interface Global {
    /** A function or class that we have our own counterpart of. */
    enum Builder implements Global {
        TENSOR,
        PARAMETER,
        ORDERED_DICT,
        SIZE
    }

    /** Type of a storage. */
    record Storage(Dtype dtype) implements Global {}

    /** Globals by {@code module.name}. */
    Map<String, Global> KNOWN = Map.ofEntries(
            Map.entry("torch._utils._rebuild_tensor_v2", Builder.TENSOR),
            Map.entry("torch._utils._rebuild_parameter", Builder.PARAMETER),
            Map.entry("collections.OrderedDict", Builder.ORDERED_DICT),
            Map.entry("torch.Size", Builder.SIZE),
            Map.entry("torch.DoubleStorage", new Storage(Dtype.F64)),
            Map.entry("torch.FloatStorage", new Storage(Dtype.F32)),
            Map.entry("torch.HalfStorage", new Storage(Dtype.F16)),
            Map.entry("torch.BFloat16Storage", new Storage(Dtype.BF16)),
            Map.entry("torch.LongStorage", new Storage(Dtype.I64)),
            Map.entry("torch.IntStorage", new Storage(Dtype.I32)),
            Map.entry("torch.ShortStorage", new Storage(Dtype.I16)),
            Map.entry("torch.CharStorage", new Storage(Dtype.I8)),
            Map.entry("torch.ByteStorage", new Storage(Dtype.U8)),
            Map.entry("torch.BoolStorage", new Storage(Dtype.BOOL)));

    static Optional<Global> find(String module, String name) {
        return Optional.ofNullable(KNOWN.get(module + "." + name));
    }
}
