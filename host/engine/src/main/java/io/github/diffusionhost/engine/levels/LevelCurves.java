package io.github.diffusionhost.engine.levels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.contract.CheckedLevels;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.trace.NoDraws;
import java.util.Map;

/** What a scheduler learns by noise level, in the middle of each bin. */
public final class LevelCurves {
  private LevelCurves() {}

  /**
   * Adds the values that the present weights give, named {@code u_by_level/0.1-0.3}.
   *
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the scheduler does not
   *     return one number for each level
   */
  public static void put(Network network, LevelBins bins, Map<String, Double> values) {
    NDManager manager = network.manager();
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      float[] levels = new float[bins.count()];
      double[] middles = bins.middles();
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (float) middles[i];
      }
      Forward pass = Forward.of(network.weights().store(), false, NoDraws.INSTANCE);
      Map<String, NDArray> curves =
          new CheckedLevels(network.scheduler()).curves(pass, manager.create(levels));
      curves.forEach((name, curve) -> put(name, curve, bins, values));
    }
  }

  private static void put(String name, NDArray curve, LevelBins bins, Map<String, Double> values) {
    float[] points = curve.toFloatArray();
    for (int i = 0; i < points.length; i++) {
      values.put(name + "_by_level/" + bins.name(i), (double) points[i]);
    }
  }
}
