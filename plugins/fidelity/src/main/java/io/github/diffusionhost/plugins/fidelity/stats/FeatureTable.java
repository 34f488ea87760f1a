package io.github.diffusionhost.plugins.fidelity.stats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Rows of float32 that come in batches and are all kept, on the device. */
public final class FeatureTable implements AutoCloseable {
  private final NDManager manager;
  private final NDList batches = new NDList();
  private long size;

  /** An empty table; its arrays live on the manager's device until it is closed. */
  public FeatureTable(NDManager manager) {
    this.manager = manager;
  }

  /**
   * Appends rows.
   *
   * @param rows [N,D]; copied
   */
  public void add(NDArray rows) {
    NDArray copy = rows.toType(DataType.FLOAT32, true);
    copy.attach(manager);
    NDScope.unregister(copy);
    batches.add(copy);
    size += rows.getShape().get(0);
  }

  /** How many rows there are. */
  public long size() {
    return size;
  }

  /**
   * All rows [N,D], owned by the table.
   *
   * @throws IllegalStateException if there are fewer than two
   */
  public NDArray rows() {
    if (size < 2) {
      throw new IllegalStateException(
          "this needs at least 2 generated images, and there are " + size);
    }
    if (batches.size() > 1) {
      NDArray all = NDArrays.concat(batches, 0);
      all.attach(manager);
      NDScope.unregister(all);
      close();
      batches.add(all);
    }
    return batches.get(0);
  }

  /** Writes all rows, bit for bit. */
  public void save(DataOutput out) throws IOException {
    out.writeInt(batches.size());
    for (NDArray batch : batches) {
      SavedArray.write(batch, out);
    }
  }

  /**
   * Reads what {@link #save} wrote, before the first rows.
   *
   * @throws IOException if it was not written by this
   */
  public void restore(DataInput in) throws IOException {
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      NDArray batch = SavedArray.read(in, DataType.FLOAT32, manager);
      NDScope.unregister(batch);
      batches.add(batch);
      size += batch.getShape().get(0);
    }
  }

  @Override
  public void close() {
    batches.forEach(NDArray::close);
    batches.clear();
  }
}
