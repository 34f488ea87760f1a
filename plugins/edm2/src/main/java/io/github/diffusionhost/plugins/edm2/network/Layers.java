package io.github.diffusionhost.plugins.edm2.network;

import io.github.diffusionhost.api.noise.Noise;
import java.util.ArrayList;
import java.util.List;

/** Makes the layers of a network, and knows all that it has made. */
final class Layers {
  private final NetworkConfig config;
  private final double dropout;
  private final Noise noise;
  private final List<WeightLayer> made = new ArrayList<>();

  /**
   * For one network.
   *
   * @param dropout the rate between the convolutions of a residual branch
   * @param noise the draws of the initial weights
   */
  Layers(NetworkConfig config, double dropout, Noise noise) {
    this.config = config;
    this.dropout = dropout;
    this.noise = noise;
  }

  NetworkConfig config() {
    return config;
  }

  double dropout() {
    return dropout;
  }

  Noise noise() {
    return noise;
  }

  /** A linear layer, [N,in] to [N,out]. */
  LinearMap linear(int in, int out) {
    return kept(new LinearMap(config, noise, in, out));
  }

  /** A convolution, [N,in,H,W] to [N,out,H,W]; {@code kernel} is odd. */
  Convolution convolution(int in, int out, int kernel) {
    return kept(new Convolution(config, noise, in, out, kernel));
  }

  /** Every layer made so far. */
  List<WeightLayer> made() {
    return List.copyOf(made);
  }

  private <L extends WeightLayer> L kept(L layer) {
    made.add(layer);
    return layer;
  }
}
