package io.github.diffusionhost.plugins.imagefolder;

import java.util.Arrays;

/** Which input pixels, with which weights, make each output pixel along one axis. */
final class ResampledAxis {
  private final int[] first;
  private final float[][] weights;

  private ResampledAxis(int length) {
    first = new int[length];
    weights = new float[length][];
  }

  /** Maps [start, start + extent) of an axis of {@code size} pixels to {@code length} pixels. */
  static ResampledAxis of(double start, double extent, int size, int length) {
    ResampledAxis axis = new ResampledAxis(length);
    double step = extent / length;
    double reach = Math.max(step, 1);
    for (int i = 0; i < length; i++) {
      double centre = start + (i + 0.5) * step;
      int from = Math.max(0, (int) (centre - reach + 0.5));
      int end = Math.min(size, (int) (centre + reach + 0.5));
      double[] triangle = new double[end - from];
      for (int k = 0; k < triangle.length; k++) {
        triangle[k] = Math.max(0, 1 - Math.abs(from + k + 0.5 - centre) / reach);
      }
      double total = Arrays.stream(triangle).sum();
      axis.first[i] = from;
      axis.weights[i] = new float[triangle.length];
      for (int k = 0; k < triangle.length; k++) {
        axis.weights[i][k] = (float) (triangle[k] / total);
      }
    }
    return axis;
  }

  /** How many output pixels there are. */
  int length() {
    return first.length;
  }

  /** The first input pixel of output pixel {@code i}. */
  int first(int i) {
    return first[i];
  }

  /** The weights of that input pixel and those after it; they add up to 1. */
  float[] weights(int i) {
    return weights[i];
  }

  /** The first input pixel of all. */
  int start() {
    return first[0];
  }

  /** One after the last input pixel of all. */
  int end() {
    return first[first.length - 1] + weights[weights.length - 1].length;
  }
}
