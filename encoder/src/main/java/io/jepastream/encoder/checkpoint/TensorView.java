package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.tensor.Dtype;
import java.util.List;

/**
 * A tensor as a pickle describes it, nothing of it checked or read.
 *
 * @param offset first element, counted in elements of the storage
 * @param sizes sides
 * @param strides steps in elements, one per side
 */
record TensorView(StorageRef storage, long offset, List<Long> sizes, List<Long> strides) {
    /**
     * A storage as a pickle names it.
     *
     * @param elements how many elements the pickle says it has
     */
    record StorageRef(String key, Dtype dtype, long elements) {}
}
