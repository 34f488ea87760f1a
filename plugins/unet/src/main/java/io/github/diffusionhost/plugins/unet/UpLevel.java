package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.model.Forward;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level on the way up: residual blocks on what comes from below beside what the way down left,
 * each with its attention, then twice the resolution.
 */
final class UpLevel extends UnetBlock {
  private final List<Attention> attentions = new ArrayList<>();
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final @Nullable DoubleResolution twice;

  UpLevel(int level, UnetOptions options, Layers layers) {
    super(layers);
    List<Integer> channels = options.channels();
    int deepest = channels.size() - 1;
    int out = channels.get(level);
    int below = channels.get(Math.min(deepest, level + 1));
    int above = channels.get(Math.max(0, level - 1));
    int count = options.layersPerBlock() + 1;
    if (options.attention().contains(level)) {
      for (int i = 0; i < count; i++) {
        attentions.add(child("attentions." + i, new Attention(out, options, layers)));
      }
    }
    for (int i = 0; i < count; i++) {
      int in = i == 0 ? below : out;
      int skip = i == count - 1 ? above : out;
      blocks.add(child("resnets." + i, new ResidualBlock(in + skip, out, options, layers)));
    }
    twice = level == 0 ? null : child("upsamplers.0", new DoubleResolution(out, layers));
  }

  /**
   * Applies the level.
   *
   * @param skips what the way down left, the last of it last; as many are taken as there are blocks
   * @param made takes what each block makes, its attention included
   */
  NDArray apply(
      Forward pass, NDArray x, NDArray embedding, Deque<NDArray> skips, List<NDArray> made) {
    NDArray state = x;
    for (int i = 0; i < blocks.size(); i++) {
      state = blocks.get(i).apply(pass, state.concat(skips.removeLast(), 1), embedding);
      if (!attentions.isEmpty()) {
        state = pass.apply(attentions.get(i), state);
      }
      made.add(state);
    }
    return twice == null ? state : pass.apply(twice, state);
  }

  /** How many blocks there are. */
  int size() {
    return blocks.size();
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    Deque<NDArray> skips = new ArrayDeque<>(inputs.subList(2, inputs.size()));
    return new NDList(apply(pass, inputs.get(0), inputs.get(1), skips, new ArrayList<>()));
  }
}
