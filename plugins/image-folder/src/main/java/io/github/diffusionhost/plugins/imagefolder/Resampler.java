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
    int width = image.width();
    int height = image.height();
    int square = Math.min(width, height);
    return scale(
        image,
        ResampledAxis.of((width - square) / 2.0, square, width, edge),
        ResampledAxis.of((height - square) / 2.0, square, height, edge));
  }

  /** All of the image, {@code edge} pixels high and wide. */
  static byte[] stretch(PixelPlanes image, int edge) {
    int width = image.width();
    int height = image.height();
    return scale(
        image, ResampledAxis.of(0, width, width, edge), ResampledAxis.of(0, height, height, edge));
  }

  private static byte[] scale(PixelPlanes image, ResampledAxis columns, ResampledAxis rows) {
    int width = image.width();
    int height = image.height();
    int edge = columns.length();
    byte[] out = new byte[image.channels() * edge * edge];
    // Rows that no output pixel looks at are not scaled.
    int top = rows.start();
    int bottom = rows.end();
    float[] narrow = new float[(bottom - top) * edge];
    float[] sum = new float[edge];
    for (int c = 0; c < image.channels(); c++) {
      for (int y = top; y < bottom; y++) {
        int from = (c * height + y) * width;
        for (int x = 0; x < edge; x++) {
          float value = 0;
          float[] weights = columns.weights(x);
          for (int k = 0; k < weights.length; k++) {
            value += weights[k] * (image.bytes()[from + columns.first(x) + k] & 255);
          }
          narrow[(y - top) * edge + x] = value;
        }
      }
      for (int y = 0; y < edge; y++) {
        Arrays.fill(sum, 0);
        float[] weights = rows.weights(y);
        for (int k = 0; k < weights.length; k++) {
          int from = (rows.first(y) - top + k) * edge;
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
}
