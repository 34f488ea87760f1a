package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.model.Forward;
import org.jspecify.annotations.Nullable;

/** The middle, at the lowest resolution: two residual blocks with attention between them. */
final class Middle extends UnetBlock {
  private final @Nullable Attention attention;
  private final ResidualBlock first;
  private final ResidualBlock second;

  Middle(UnetOptions options, Layers layers) {
    super(layers);
    int channels = options.channels().get(options.channels().size() - 1);
    attention =
        options.midAttention()
            ? child("attentions.0", new Attention(channels, options, layers))
            : null;
    first = child("resnets.0", new ResidualBlock(channels, channels, options, layers));
    second = child("resnets.1", new ResidualBlock(channels, channels, options, layers));
  }

  /** Applies the middle to [N,C,H,W]. */
  NDArray apply(Forward pass, NDArray x, NDArray embedding) {
    NDArray state = first.apply(pass, x, embedding);
    if (attention != null) {
      state = pass.apply(attention, state);
    }
    return second.apply(pass, state, embedding);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(apply(pass, inputs.get(0), inputs.get(1)));
  }
}
