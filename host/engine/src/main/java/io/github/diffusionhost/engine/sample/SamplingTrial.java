package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.engine.data.ImageSpec;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.options.Execution;

/**
 * The first steps of a sampling, of one image and thrown away: what is wrong with a sampler shows
 * before a training and not after it.
 */
public final class SamplingTrial {
  private static final int STEPS = 2;

  private SamplingTrial() {}

  /**
   * Samples operation by operation, which is soon done for two steps. No weight and no draw of the
   * training changes.
   *
   * @param images what the network was made for
   * @throws RuntimeException what the sampler or the network throws
   */
  public static void run(SamplePlan plan, Network network, ImageSpec images) {
    try (ImageGenerator generator =
            new ImageGenerator(network, images, network.manager(), Execution.EAGER);
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      generator.generate(
          plan,
          network.weights(),
          0,
          1,
          null,
          (step, state) -> {
            if (step >= STEPS) {
              throw new EnoughException();
            }
          });
    } catch (RuntimeException e) {
      if (!isEnough(e)) {
        throw e;
      }
    }
  }

  /** A sampler may wrap what it meets. */
  private static boolean isEnough(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof EnoughException) {
        return true;
      }
    }
    return false;
  }

  /** Leaves the sampler. */
  private static final class EnoughException extends RuntimeException {
    private static final long serialVersionUID = 1;

    EnoughException() {
      super("two steps are enough", null, false, false);
    }
  }
}
