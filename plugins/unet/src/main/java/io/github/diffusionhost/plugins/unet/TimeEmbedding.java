package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.ops.Ops;

/** Sinusoids of the time, linear, SiLU, linear: [N] to [N, 4·channels of the first level]. */
final class TimeEmbedding extends UnetBlock {
  private static final double MAX_PERIOD = 10_000;

  private final int size;
  private final boolean sinFirst;
  private final double shift;
  private final Linear hidden;
  private final Linear out;

  TimeEmbedding(UnetOptions options, Layers layers) {
    super(layers);
    size = options.channels().get(0);
    sinFirst = !options.flipSinToCos();
    shift = options.freqShift();
    hidden = linear("linear_1", size, width(options));
    out = linear("linear_2", width(options), width(options));
  }

  /** Values of an embedding. */
  static int width(UnetOptions options) {
    return 4 * options.channels().get(0);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray sinusoids =
        Ops.sinusoidalEmbedding(inputs.singletonOrThrow(), size, sinFirst, shift, MAX_PERIOD);
    return new NDList(pass.apply(out, Ops.silu(pass.apply(hidden, sinusoids))));
  }
}
