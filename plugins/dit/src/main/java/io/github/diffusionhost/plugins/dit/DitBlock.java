package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.CompositeBlock;

/** A part of the network that is made of linear layers with biases. */
abstract class DitBlock extends CompositeBlock {
  /** Adds a linear layer, [..., in] to [..., out], as a child. */
  protected final Linear linear(String name, int in, int out) {
    return child(name, Linear.builder().setUnits(out).build(), new Shape(1, in));
  }
}
