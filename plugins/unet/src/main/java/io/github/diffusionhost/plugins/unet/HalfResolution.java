package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import io.github.diffusionhost.api.model.Forward;
import org.jspecify.annotations.Nullable;

/** [N,C,H,W] to [N,C,H/2,W/2]. */
final class HalfResolution extends UnetBlock {
  private final int padding;
  private final @Nullable Conv2d convolution;

  HalfResolution(int channels, UnetOptions options, Layers layers) {
    super(layers);
    padding = options.downsamplePadding();
    convolution =
        switch (options.downsample()) {
          case CONV -> convolution("conv", channels, channels, 3, 2, padding);
          case MAX_POOL -> null;
        };
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    if (convolution == null) {
      return new NDList(
          x.getNDArrayInternal().maxPool(new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false));
    }
    return new NDList(pass.apply(convolution, padding == 0 ? extended(x) : x));
  }

  /** With zeros at the right and the bottom. */
  private static NDArray extended(NDArray x) {
    Shape shape = x.getShape();
    NDArray column =
        x.getManager()
            .zeros(new Shape(shape.get(0), shape.get(1), shape.get(2), 1), x.getDataType());
    NDArray wide = x.concat(column, 3);
    NDArray row =
        x.getManager()
            .zeros(new Shape(shape.get(0), shape.get(1), 1, shape.get(3) + 1), x.getDataType());
    return wide.concat(row, 2);
  }
}
