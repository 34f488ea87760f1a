package io.github.diffusionhost.plugins.imagefolder;

import java.util.Arrays;

/**
 * Scales by a separable triangle filter, as wide as one pixel of the coarser image: bilinear
 * interpolation when enlarging, an area-weighted mean when reducing (the antialiased "bilinear" of
 * Pillow and torchvision).
 */
final class Resampler {
  private Resampler() {}

  /** The middle square, {@code edge} pixels high and wide. */
  static byte[] centerCrop(PixelPlanes image, int edge) {
    int width = image.size().width();
    int height = image.size().height();
    int square = Math.min(width, height);
    return scale(
        image,
        Axis.of((width - square) / 2.0, square, width, edge),
        Axis.of((height - square) / 2.0, square, height, edge));
  }

  /** All of the image, {@code edge} pixels high and wide. */
  static byte[] stretch(PixelPlanes image, int edge) {
    int width = image.size().width();
    int height = image.size().height();
    return scale(image, Axis.of(0, width, width, edge), Axis.of(0, height, height, edge));
  }

  private static byte[] scale(PixelPlanes image, Axis columns, Axis rows) {
    int width = image.size().width();
    int height = image.size().height();
    int edge = columns.first.length;
    byte[] out = new byte[image.channels() * edge * edge];
    // Rows that no output pixel looks at are not scaled.
    int top = Arrays.stream(rows.first).min().orElse(0);
    int bottom = rows.end();
    float[] narrow = new float[(bottom - top) * edge];
    float[] sum = new float[edge];
    for (int c = 0; c < image.channels(); c++) {
      for (int y = top; y < bottom; y++) {
        int from = (c * height + y) * width;
        for (int x = 0; x < edge; x++) {
          float value = 0;
          float[] weights = columns.weights[x];
          for (int k = 0; k < weights.length; k++) {
            value += weights[k] * (image.bytes()[from + columns.first[x] + k] & 255);
          }
          narrow[(y - top) * edge + x] = value;
        }
      }
      for (int y = 0; y < edge; y++) {
        Arrays.fill(sum, 0);
        float[] weights = rows.weights[y];
        for (int k = 0; k < weights.length; k++) {
          int from = (rows.first[y] - top + k) * edge;
          for (int x = 0; x < edge; x++) {
            sum[x] += weights[k] * narrow[from + x];
          }
        }
        for (int x = 0; x < edge; x++) {
          out[(c * edge + y) * edge + x] = (byte) Math.min(255, (int) (sum[x] + 0.5f));
        }
      }
    }
    return out;
  }

  /**
   * The input pixels that make each output pixel along one axis.
   *
   * @param first the first input pixel of each output pixel
   * @param weights of it and those after it; they add up to 1
   */
  private record Axis(int[] first, float[][] weights) {

    /** Maps [start, start + length) of an axis of {@code size} pixels to {@code edge} pixels. */
    static Axis of(double start, double length, int size, int edge) {
      double step = length / edge;
      double reach = Math.max(step, 1);
      int[] first = new int[edge];
      float[][] weights = new float[edge][];
      for (int i = 0; i < edge; i++) {
        double centre = start + (i + 0.5) * step;
        first[i] = Math.max(0, (int) (centre - reach + 0.5));
        int end = Math.min(size, (int) (centre + reach + 0.5));
        double[] raw = new double[end - first[i]];
        for (int k = 0; k < raw.length; k++) {
          raw[k] = Math.max(0, 1 - Math.abs(first[i] + k + 0.5 - centre) / reach);
        }
        double total = Arrays.stream(raw).sum();
        weights[i] = new float[raw.length];
        for (int k = 0; k < raw.length; k++) {
          weights[i][k] = (float) (raw[k] / total);
        }
      }
      return new Axis(first, weights);
    }

    /** One after the last input pixel that is looked at. */
    int end() {
      return first[first.length - 1] + weights[weights.length - 1].length;
    }
  }
}
