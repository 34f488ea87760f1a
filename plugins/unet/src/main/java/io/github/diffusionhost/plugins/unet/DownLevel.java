package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.model.Forward;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level on the way down: residual blocks, each with its attention, then half the resolution.
 */
final class DownLevel extends UnetBlock {
  private final List<Attention> attentions = new ArrayList<>();
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final @Nullable HalfResolution half;

  DownLevel(int level, UnetOptions options, Layers layers) {
    super(layers);
    List<Integer> channels = options.channels();
    int out = channels.get(level);
    if (options.attention().contains(level)) {
      for (int i = 0; i < options.layersPerBlock(); i++) {
        attentions.add(child("attentions." + i, new Attention(out, options, layers)));
      }
    }
    for (int i = 0; i < options.layersPerBlock(); i++) {
      int in = i > 0 ? out : channels.get(Math.max(0, level - 1));
      blocks.add(child("resnets." + i, new ResidualBlock(in, out, options, layers)));
    }
    boolean last = level == channels.size() - 1;
    half = last ? null : child("downsamplers.0", new HalfResolution(out, options, layers));
  }

  /**
   * Applies the level.
   *
   * @param skips takes what the way up needs of every step
   */
  NDArray apply(Forward pass, NDArray x, NDArray embedding, List<NDArray> skips) {
    NDArray state = x;
    for (int i = 0; i < blocks.size(); i++) {
      state = blocks.get(i).apply(pass, state, embedding);
      if (!attentions.isEmpty()) {
        state = pass.apply(attentions.get(i), state);
      }
      skips.add(state);
    }
    if (half != null) {
      state = pass.apply(half, state);
      skips.add(state);
    }
    return state;
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    List<NDArray> skips = new ArrayList<>();
    apply(pass, inputs.get(0), inputs.get(1), skips);
    return new NDList(skips);
  }
}
