package io.github.diffusionhost.engine.reference;

import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.engine.data.TrainingImages;
import java.io.IOException;
import java.util.Arrays;

/**
 * The error of the best prediction that is linear in the noisy image, at any noise level: the
 * Wiener filter (N. Wiener, "Extrapolation, Interpolation, and Smoothing of Stationary Time
 * Series", 1949).
 *
 * <p>Such a prediction knows the mean image and how much of the images lies at which frequency, and
 * nothing of edges, shapes or objects. A network that is no better than this can make blobs and no
 * more.
 */
public final class LinearReference {
  private static final int IMAGES = 2000;

  private final int images;
  private final double[] variances;
  private final double pixelVariance;

  /**
   * The reference of images whose frequencies are independent of each other.
   *
   * @param images how many images the variances were found from
   * @param variances the variance at each frequency of each channel, in an orthonormal basis
   */
  public LinearReference(int images, double[] variances) {
    this.images = images;
    this.variances = variances.clone();
    this.pixelVariance = Arrays.stream(variances).average().orElse(0);
  }

  /**
   * The reference of a dataset, from up to {@value #IMAGES} images evenly spread over it.
   *
   * @throws IOException if one cannot be read
   */
  public static LinearReference of(TrainingImages data) throws IOException {
    int images = Math.min(IMAGES, data.size());
    return new LinearReference(images, PowerSpectrum.of(data, images));
  }

  /** How many images it was found from. */
  public int images() {
    return images;
  }

  /** The variance of pixels about the mean image; the mean over pixels and channels. */
  public double pixelVariance() {
    return pixelVariance;
  }

  /** The mean squared error, per pixel and channel, of the prediction that knows the spectrum. */
  public double error(NoiseLevel level) {
    return Arrays.stream(variances).map(level::linearError).average().orElse(0);
  }

  /**
   * The mean squared error of the prediction that knows the variance of the pixels alone, and takes
   * each pixel by itself; never less than {@link #error}.
   */
  public double errorFromVariance(NoiseLevel level) {
    return level.linearError(pixelVariance);
  }
}
