package io.github.diffusionhost.engine.compile;

import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether compiled losses are those of the same images operation by operation. Each may differ by a
 * share of itself and of the mean: by 1% in float32, where they differ by rounding alone, and by
 * 25% if the network computes in bfloat16. A network that has learnt its images by heart has losses
 * of nothing but rounding: a millionth, or a thousandth in bfloat16, is no difference.
 */
public final class LossAgreement {
  private static final double FLOAT32 = 0.01;
  private static final double FLOAT32_ROUNDING = 1e-6;
  private static final double BFLOAT16 = 0.25;
  private static final double BFLOAT16_ROUNDING = 1e-3;

  private LossAgreement() {}

  /**
   * The first image's that is not, in words; null if there is none, or a loss is not finite, which
   * is told elsewhere.
   */
  public static @Nullable String difference(float[] compiled, float[] eager, Precision precision) {
    double mean = IntStream.range(0, eager.length).mapToDouble(i -> Math.abs(eager[i])).sum();
    mean /= eager.length;
    boolean exact = precision == Precision.FP32;
    double share = exact ? FLOAT32 : BFLOAT16;
    double rounding = exact ? FLOAT32_ROUNDING : BFLOAT16_ROUNDING;
    for (int i = 0; i < eager.length; i++) {
      // What is not finite is not above the bound.
      if (Math.abs(compiled[i] - eager[i]) > share * (Math.abs(eager[i]) + mean) + rounding) {
        return String.format(
            Locale.ROOT,
            "the loss of an image is %.6g, and %.6g operation by operation",
            compiled[i],
            eager[i]);
      }
    }
    return null;
  }
}
