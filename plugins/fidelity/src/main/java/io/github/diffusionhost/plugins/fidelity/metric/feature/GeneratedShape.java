package io.github.diffusionhost.plugins.fidelity.metric.feature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.util.Locale;

/** Generated images are of the size of the reference's. */
public final class GeneratedShape {
  private GeneratedShape() {}

  public static void check(NDArray images, ImageShape reference) {
    Shape shape = images.getShape();
    if (!shape.equals(reference.batch(shape.get(0)))) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the generated images are %dx%dx%d and the reference's %s: compare images of one size",
              shape.get(1),
              shape.get(2),
              shape.get(3),
              reference));
    }
  }
}
