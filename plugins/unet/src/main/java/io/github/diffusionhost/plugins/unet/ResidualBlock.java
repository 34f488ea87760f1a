package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;
import org.jspecify.annotations.Nullable;

/**
 * Norm, SiLU and convolution, twice, with the time added in between and the input added at the end.
 */
final class ResidualBlock extends UnetBlock {
  private final double dropout;
  private final Block norm1;
  private final Conv2d conv1;
  private final Linear time;
  private final Block norm2;
  private final Conv2d conv2;
  private final @Nullable Conv2d shortcut;

  ResidualBlock(int in, int out, UnetOptions options, Layers layers) {
    super(layers);
    dropout = options.dropout();
    norm1 =
        child(
            "norm1",
            switch (options.firstNorm()) {
              case GROUP -> new GroupNorm(in, options);
              case BATCH -> new BatchNorm(in, options);
            });
    conv1 = convolution("conv1", in, out, 3);
    time = linear("time_emb_proj", TimeEmbedding.width(options), out);
    norm2 = child("norm2", new GroupNorm(out, options));
    conv2 = convolution("conv2", out, out, 3);
    shortcut = in == out ? null : convolution("conv_shortcut", in, out, 1);
  }

  /**
   * Applies the block.
   *
   * @param x [N,in,H,W]
   * @param embedding SiLU of the time embedding, [N,E]
   * @return [N,out,H,W]
   */
  NDArray apply(Forward pass, NDArray x, NDArray embedding) {
    NDArray hidden = pass.apply(conv1, Ops.silu(pass.apply(norm1, x)));
    hidden = hidden.add(pass.apply(time, embedding).expandDims(2).expandDims(3));
    hidden = Ops.silu(pass.apply(norm2, hidden));
    if (pass.training() && dropout > 0) {
      hidden = Ops.dropout(hidden, dropout, pass.noise());
    }
    hidden = pass.apply(conv2, hidden);
    return (shortcut == null ? x : pass.apply(shortcut, x)).add(hidden);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(apply(pass, inputs.get(0), inputs.get(1)));
  }
}
