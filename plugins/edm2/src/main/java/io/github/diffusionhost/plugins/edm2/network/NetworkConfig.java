package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.ops.Ops;

/**
 * The stages of Karras et al. 2023, arXiv 2312.02696, table 1, that networks are made in: each has
 * what the one before it has, and more.
 */
enum NetworkConfig {
  /** Layers without biases, group norms without scales, cosine attention. */
  C(false, false),
  /** Forced weight normalisation; no group norm goes. */
  E(true, false),
  /** No group norm, and everything preserves magnitudes. */
  G(true, true);

  /** The mean square of SiLU of a unit normal value, as a root: equation 81. */
  private static final double SILU_MAGNITUDE = 0.596;

  private static final double BLEND = 0.3;
  private static final double CLIP = 256;

  private final boolean normalizedWeights;
  private final boolean magnitudePreserving;

  NetworkConfig(boolean normalizedWeights, boolean magnitudePreserving) {
    this.normalizedWeights = normalizedWeights;
    this.magnitudePreserving = magnitudePreserving;
  }

  /** Whether layers compute with weights of unit rows. */
  boolean normalizedWeights() {
    return normalizedWeights;
  }

  /** Whether sums, concatenations and activations keep the magnitude of what they are given. */
  boolean magnitudePreserving() {
    return magnitudePreserving;
  }

  /** SiLU; in G divided by the magnitude that it leaves of unit normal values. */
  NDArray silu(NDArray x) {
    NDArray activated = Ops.silu(x);
    return magnitudePreserving ? activated.mul(1 / SILU_MAGNITUDE) : activated;
  }

  /** The end of a residual branch: the sum, in G blended 0.7 to 0.3. */
  NDArray add(NDArray main, NDArray residual) {
    return magnitudePreserving ? blend(main, residual, BLEND) : main.add(residual);
  }

  /** The time's embedding with that of the label: the sum, in G blended half and half. */
  NDArray addLabel(NDArray time, NDArray label) {
    return magnitudePreserving ? blend(time, label, 0.5) : time.add(label);
  }

  /** Channels beside channels; in G both parts contribute equally: equation 103. */
  NDArray concat(NDArray a, NDArray b) {
    if (!magnitudePreserving) {
      return a.concat(b, 1);
    }
    long channelsA = a.getShape().get(1);
    long channelsB = b.getShape().get(1);
    double scale = Math.sqrt((channelsA + channelsB) / 2.0);
    return a.mul(scale / Math.sqrt(channelsA)).concat(b.mul(scale / Math.sqrt(channelsB)), 1);
  }

  /** What leaves a block: from E on within ±256. */
  NDArray clip(NDArray x) {
    return normalizedWeights ? x.clip(-CLIP, CLIP) : x;
  }

  /** Equation 88. */
  private static NDArray blend(NDArray a, NDArray b, double t) {
    double scale = 1 / Math.hypot(1 - t, t);
    return a.mul((1 - t) * scale).add(b.mul(t * scale));
  }
}
