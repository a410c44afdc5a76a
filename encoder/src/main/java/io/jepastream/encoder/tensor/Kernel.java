package io.jepastream.encoder.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * TorchScript source compiled into native methods. The text lies beside the classes as {@code kernels/*.py}; the files
 * of one kernel become one module, whose {@code self.name} values are the constants given here.
 *
 * <p>A kernel belongs to the thread of its {@link DeviceExecutor}.
 */
public final class Kernel implements AutoCloseable {
    private final PtSymbolBlock module;

    private Kernel(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Compiles the named files together.
     *
     * @param manager owner of the kernel; it lives no longer than this
     * @param files names without {@code .py}, such as {@code transformer}; a method may be defined once only
     * @param constants Boolean, Integer or Double values
     */
    public static Kernel compile(NDManager manager, List<String> files, Map<String, Object> constants) {
        StringBuilder source = new StringBuilder();
        for (String file : files) {
            source.append(text(file)).append('\n');
        }
        return compileText(manager, source.toString(), constants);
    }

    /** Compiles the given text instead of shipped files. */
    public static Kernel compileText(NDManager manager, String source, Map<String, Object> constants) {
        try (InputStream archive = new ByteArrayInputStream(KernelArchive.pack(source, constants))) {
            return new Kernel(JniUtils.loadModule((PtNDManager) manager, archive, false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of one shipped kernel file. */
    public static String text(String file) {
        String resource = "/io/jepastream/encoder/kernels/" + file + ".py";
        try (InputStream in = Kernel.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException(
                        "kernel '%s': want a resource %s, got none".formatted(file, resource));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Calls a method.
     *
     * @param manager owner of the results, which the caller closes by closing it
     * @param arguments {@link NDArray} for a tensor, non-empty {@link NDList} for a list of tensors, Integer for a
     *     tensor of one int64 on the CPU; no array may be in two of the arguments
     * @return the tensors of the result, a list or tuple flattened
     */
    public NDList call(NDManager manager, String method, Object... arguments) {
        NDArray marker = manager.create(new Shape(0), DataType.FLOAT32);
        marker.setName("module_method:" + method);
        NDList inputs = new NDList(marker);
        for (int i = 0; i < arguments.length; i++) {
            add(manager, inputs, i, arguments[i]);
        }
        // isTrain = true is plain execution under the thread's GradMode; false would make inference-only tensors.
        return IValueUtils.forward(module, inputs, true);
    }

    private static void add(NDManager manager, NDList inputs, int index, Object argument) {
        if (argument instanceof NDArray array) {
            array.setName("a" + index);
            inputs.add(array);
        } else if (argument instanceof NDList list) {
            if (list.isEmpty()) {
                throw new IllegalArgumentException("argument %d: want at least one tensor, got none".formatted(index));
            }
            for (NDArray array : list) {
                array.setName("a" + index + "[]");
                inputs.add(array);
            }
        } else if (argument instanceof Integer number) {
            add(manager, inputs, index, manager.create((long) number));
        } else {
            throw new IllegalArgumentException("argument %d: want NDArray, NDList or Integer, got %s"
                    .formatted(index, argument.getClass().getName()));
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
