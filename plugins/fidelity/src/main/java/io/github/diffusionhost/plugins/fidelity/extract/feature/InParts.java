package io.github.diffusionhost.plugins.fidelity.extract.feature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.arrays.ArrayScope;
import java.util.function.UnaryOperator;

/** Large networks see some images of a batch at a time, which bounds the memory that they need. */
public final class InParts {
  private InParts() {}

  /**
   * Calls a network.
   *
   * @param images [N,…]
   * @param atOnce how many it sees at a time
   * @param network from [M,…] to [M,D]
   * @return [N,D], in the caller's scope
   */
  public static NDArray call(NDArray images, int atOnce, UnaryOperator<NDArray> network) {
    long n = images.getShape().get(0);
    NDList parts = new NDList();
    for (long from = 0; from < n; from += atOnce) {
      String range = from + ":" + Math.min(n, from + atOnce);
      parts.add(ArrayScope.returning(() -> network.apply(images.get(range))));
    }
    return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 0);
  }
}
