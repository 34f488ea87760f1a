package io.github.diffusionhost.plugins.fidelity.extract.feature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * The bilinear resize of TensorFlow 1 ({@code resize_bilinear} without aligned corners), which the
 * Inception network of 2015 is defined with: pixel i of the result lies at {@code i·size/target} of
 * the image, no half pixel is added, and beyond the last pixel it is repeated. Nothing is smoothed
 * when an image becomes smaller.
 */
public final class BilinearResize {
  private BilinearResize() {}

  /**
   * Resizes images.
   *
   * @param images [N,C,H,W] float32
   * @return [N,C,height,width] float32
   */
  public static NDArray of(NDArray images, int height, int width) {
    Shape shape = images.getShape();
    if (shape.get(2) == height && shape.get(3) == width) {
      return images;
    }
    NDManager manager = images.getManager();
    NDArray rows = weights(Math.toIntExact(shape.get(2)), height, manager);
    NDArray columns = weights(Math.toIntExact(shape.get(3)), width, manager);
    return rows.matMul(images).matMul(columns.transpose());
  }

  /** [target,size]: what each pixel of the result takes of each pixel of the image. */
  private static NDArray weights(int size, int target, NDManager manager) {
    float[] weights = new float[target * size];
    double scale = (double) size / target;
    for (int i = 0; i < target; i++) {
      double place = i * scale;
      int before = Math.min((int) place, size - 1);
      int after = Math.min(before + 1, size - 1);
      double share = place - before;
      weights[i * size + before] += (float) (1 - share);
      weights[i * size + after] += (float) share;
    }
    return manager.create(weights, new Shape(target, size));
  }
}
