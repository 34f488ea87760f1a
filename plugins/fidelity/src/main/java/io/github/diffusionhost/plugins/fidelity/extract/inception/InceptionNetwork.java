package io.github.diffusionhost.plugins.fidelity.extract.inception;

import ai.djl.ndarray.NDArray;

/** A way to compute the Inception network of 2015. */
interface InceptionNetwork extends AutoCloseable {
  /**
   * The features, which are the means over pixels that the last layer sees.
   *
   * @param pixels [N,3,H,W] float32, from 0 to 255, of any size
   * @return [N,2048]
   */
  NDArray features(NDArray pixels);

  /** The probabilities [N,1008] of the classes, without the bias of the last layer. */
  NDArray probabilities(NDArray pixels);

  @Override
  void close();
}
