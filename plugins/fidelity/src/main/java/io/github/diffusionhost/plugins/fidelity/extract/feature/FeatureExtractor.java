package io.github.diffusionhost.plugins.fidelity.extract.feature;

import ai.djl.ndarray.NDArray;

/**
 * A network that turns images into feature vectors, and what those depend on.
 *
 * <p>For the evaluation's thread.
 */
public interface FeatureExtractor extends AutoCloseable {
  /** Its name, which figures are named by: {@code inception-2015}, {@code classifier}, … */
  String name();

  /** The SHA-256 of its weights, in lower-case hexadecimal. */
  String sha256();

  /** How images are scaled and resized for it, in words. */
  String input();

  /** What a Fréchet distance of its features is called: {@code fid}, or {@code fd-…}. */
  default String distanceName() {
    return "fd-" + name();
  }

  /**
   * The feature vectors of images.
   *
   * @param images [N,C,H,W] uint8
   * @return [N,D] float32, finite, in the caller's scope
   * @throws IllegalArgumentException if it does not take images of this size
   * @throws IllegalStateException if it returns something else
   */
  NDArray features(NDArray images);

  /**
   * The probabilities of classes that it gives to images.
   *
   * @param images [N,C,H,W] uint8
   * @return [N,K] float32, in the caller's scope
   * @throws IllegalArgumentException if it knows no classes
   */
  default NDArray probabilities(NDArray images) {
    throw new IllegalArgumentException(
        "the extractor "
            + name()
            + " gives no probabilities of classes: use inception-2015 or classifier");
  }

  @Override
  void close();
}
