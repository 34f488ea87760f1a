package io.github.diffusionhost.plugins.fidelity.extract.reference;

import java.io.IOException;

/**
 * What a metric is going to ask of reference images. The metric that asks first has them looked at
 * for all metrics of the evaluation.
 *
 * @param reference the images; opened when some metric asks, and generated images are all there
 */
public record ReferenceWish(Kind kind, Source reference) {
  /** What is wanted of the images. */
  public enum Kind {
    /** Mean and covariance of the features: {@link Reference#moments}. */
    MOMENTS,
    /** The features: {@link Reference#features}. */
    FEATURES
  }

  /** Where the images come from. */
  @FunctionalInterface
  public interface Source {
    /** Chooses the images. */
    Reference open() throws IOException;
  }
}
