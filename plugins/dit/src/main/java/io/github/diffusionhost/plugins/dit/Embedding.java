package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.model.Forward;

/** Turns a number for each image into values of the network's width. */
interface Embedding {
  /** [N] to [N,D]. */
  NDArray embed(Forward pass, NDArray numbers);
}
