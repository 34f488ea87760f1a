package io.github.diffusionhost.plugins.edm2.process;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Bins of σ, about two to a power of ten. */
final class LevelEdges {
  private LevelEdges() {}

  /**
   * The ends, and between them 1 and 3 times every power of ten that is at least twice the lower
   * end and at most half the upper one.
   */
  static double[] between(double sigmaMin, double sigmaMax) {
    int first = (int) Math.floor(Math.log10(sigmaMin));
    int last = (int) Math.ceil(Math.log10(sigmaMax));
    DoubleStream round =
        IntStream.rangeClosed(first, last)
            .boxed()
            .flatMapToDouble(
                power ->
                    DoubleStream.of(
                        Double.parseDouble("1e" + power), Double.parseDouble("3e" + power)))
            .filter(sigma -> sigma >= 2 * sigmaMin && sigma <= sigmaMax / 2);
    return DoubleStream.concat(
            DoubleStream.concat(DoubleStream.of(sigmaMin), round), DoubleStream.of(sigmaMax))
        .toArray();
  }
}
