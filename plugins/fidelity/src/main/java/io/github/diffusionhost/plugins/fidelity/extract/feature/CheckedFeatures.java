package io.github.diffusionhost.plugins.fidelity.extract.feature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** What every extractor's output is held to. */
public final class CheckedFeatures {
  private CheckedFeatures() {}

  /**
   * Returns the output of a network if it is a finite vector for each image.
   *
   * @param output [N,D], or [N,D,1,1]
   * @return [N,D]
   */
  public static NDArray of(String extractor, NDArray images, NDArray output) {
    long n = images.getShape().get(0);
    Shape shape = output.getShape();
    boolean vectors =
        shape.dimension() >= 2 && shape.get(0) == n && shape.size() == n * shape.get(1);
    if (!vectors) {
      throw new IllegalStateException(
          "the extractor %s returns %s for images %s: it needs to return [N,D], a vector for each"
              .formatted(extractor, shape, images.getShape()));
    }
    if (!Float.isFinite(output.sum().getFloat())
        && !Float.isFinite(output.abs().max().getFloat())) {
      throw new IllegalStateException(
          "the extractor %s returns numbers that are not finite for images %s"
              .formatted(extractor, images.getShape()));
    }
    return output.reshape(n, -1);
  }
}
