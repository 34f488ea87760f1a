package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;
import org.jspecify.annotations.Nullable;

/** Two convolutions beside a way past them, scaled by the embedding in between. */
abstract sealed class Residual extends CompositeBlock {
  /** Applies the block: x [N,in,H,W] and the embedding [N,E] to [N,out,·,·]. */
  abstract NDArray apply(Forward pass, NDArray x, NDArray embedding);

  /** The block that a config has. */
  static Residual of(BlockShape shape, Layers layers) {
    return layers.config().magnitudePreserving()
        ? new MagnitudePreserving(shape, layers)
        : new Normalized(shape, layers);
  }

  @Override
  protected final NDList forward(Forward pass, NDList inputs) {
    return new NDList(apply(pass, inputs.get(0), inputs.get(1)));
  }

  /** What is between the convolutions: a scale by the embedding, the activation and dropout. */
  private static NDArray between(Forward pass, NDArray hidden, NDArray scale, Layers layers) {
    NDArray scaled = hidden.mul(scale.add(1).expandDims(2).expandDims(3));
    NDArray activated = layers.config().silu(scaled);
    return pass.training() && layers.dropout() > 0
        ? Ops.dropout(activated, layers.dropout(), pass.noise())
        : activated;
  }

  private static Shape images(int channels) {
    return new Shape(1, channels, 8, 8);
  }

  /** Configs C and E: a group norm before each activation. */
  private static final class Normalized extends Residual {
    private static final int GROUPS = 32;
    private static final float EPS = 1e-5f;

    private final Layers layers;
    private final Resampling resampling;
    private final LinearMap linear;
    private final @Nullable Convolution shortcut;
    private final Convolution conv1;
    private final Convolution conv2;

    Normalized(BlockShape shape, Layers layers) {
      this.layers = layers;
      resampling = shape.resampling();
      int in = shape.in();
      int out = shape.out();
      linear = child("linear", layers.linear(shape.embedding(), out), new Shape(1, 1));
      shortcut = in == out ? null : child("shortcut", layers.convolution(in, out, 1), images(in));
      conv1 = child("conv1", layers.convolution(in, out, 3), images(in));
      conv2 = child("conv2.1", layers.convolution(out, out, 3), images(out));
    }

    @Override
    NDArray apply(Forward pass, NDArray x, NDArray embedding) {
      NDArray hidden = resampling.apply(layers.config().silu(norm(x)));
      hidden = norm(pass.apply(conv1, hidden));
      hidden = between(pass, hidden, pass.apply(linear, embedding), layers);
      NDArray main = resampling.apply(x);
      return layers
          .config()
          .add(shortcut == null ? main : pass.apply(shortcut, main), pass.apply(conv2, hidden));
    }

    private static NDArray norm(NDArray x) {
      return Ops.groupNorm(x, GROUPS, null, null, EPS);
    }
  }

  /** Config G: on the way down the main path is normalised pixel by pixel, and nothing else is. */
  private static final class MagnitudePreserving extends Residual {
    private static final float EPS = 1e-8f;

    private final Layers layers;
    private final boolean encoder;
    private final Resampling resampling;
    private final LinearMap linear;
    private final Gain gain;
    private final @Nullable Convolution shortcut;
    private final Convolution conv1;
    private final Convolution conv2;

    MagnitudePreserving(BlockShape shape, Layers layers) {
      this.layers = layers;
      encoder = shape.encoder();
      resampling = shape.resampling();
      int in = shape.in();
      int out = shape.out();
      int seen = encoder ? out : in;
      linear = child("linear", layers.linear(shape.embedding(), out), new Shape(1, 1));
      gain = child("gain", new Gain(Initializer.ONES), new Shape(1, out));
      shortcut = in == out ? null : child("shortcut", layers.convolution(in, out, 1), images(in));
      conv1 = child("conv1", layers.convolution(seen, out, 3), images(seen));
      conv2 = child("conv2.1", layers.convolution(out, out, 3), images(out));
    }

    @Override
    NDArray apply(Forward pass, NDArray x, NDArray embedding) {
      NDArray main = resampling.apply(x);
      if (encoder) {
        main = pixelNorm(past(pass, main));
      }
      NDArray hidden = pass.apply(conv1, layers.config().silu(main));
      NDArray scale = pass.apply(gain, pass.apply(linear, embedding));
      hidden = pass.apply(conv2, between(pass, hidden, scale, layers));
      return layers.config().add(encoder ? main : past(pass, main), hidden);
    }

    private NDArray past(Forward pass, NDArray x) {
      return shortcut == null ? x : pass.apply(shortcut, x);
    }

    /** Each pixel's channels to a mean square of 1. */
    private static NDArray pixelNorm(NDArray x) {
      NDArray meanSquare = x.square().mean(new int[] {1}, true);
      return x.mul(meanSquare.add(EPS).pow(-0.5));
    }
  }
}
