package io.github.diffusionhost.engine.reference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.engine.data.TrainingImages;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How much of a dataset's images lies at which frequency: the variance, over images, of each
 * coefficient of each channel's two-dimensional cosine transform (DCT-II, orthonormal), in float64.
 *
 * <p>The cosine transform, unlike Fourier's, does not see an edge where the image ends.
 */
final class PowerSpectrum {
  private static final int CHUNK = 250;

  private PowerSpectrum() {}

  /**
   * The variances, [C·H·W], about the mean image.
   *
   * @param images how many images, evenly spread over the dataset; at least 1
   * @throws IOException if an image cannot be read
   */
  static double[] of(TrainingImages data, int images) throws IOException {
    PixelNormalization normalization = data.dataset().normalization();
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDManager manager = data.manager();
      NDArray rows = cosines(manager, data.shape().height());
      NDArray columns = cosines(manager, data.shape().width()).transpose();
      double[] sums = new double[data.shape().elements()];
      double[] squares = new double[data.shape().elements()];
      for (int first = 0; first < images; first += CHUNK) {
        int[] chosen =
            IntStream.range(first, Math.min(images, first + CHUNK))
                .map(i -> (int) ((long) i * data.size() / images))
                .toArray();
        try (NDScope chunk = new NDScope()) {
          chunk.suppressNotUsedWarning();
          NDArray bytes = data.choose(chosen);
          NDArray pixels =
              bytes
                  .toType(DataType.FLOAT64, true)
                  .divi(255)
                  .subi(normalization.mean())
                  .divi(normalization.std());
          NDArray transformed = rows.matMul(pixels).matMul(columns);
          add(transformed.sum(new int[] {0}), sums);
          add(transformed.mul(transformed).sum(new int[] {0}), squares);
        }
      }
      Arrays.setAll(
          squares,
          i -> Math.max(0, squares[i] - sums[i] * sums[i] / images) / Math.max(1, images - 1));
      return squares;
    }
  }

  private static void add(NDArray values, double[] to) {
    double[] found = values.toDoubleArray();
    Arrays.setAll(to, i -> to[i] + found[i]);
  }

  /** The cosines of each frequency, one a row. */
  private static NDArray cosines(NDManager manager, int size) {
    double[] values = new double[size * size];
    for (int k = 0; k < size; k++) {
      double norm = Math.sqrt((k == 0 ? 1.0 : 2.0) / size);
      for (int n = 0; n < size; n++) {
        values[k * size + n] = norm * Math.cos(Math.PI * (n + 0.5) * k / size);
      }
    }
    return manager.create(values, new Shape(size, size));
  }
}
