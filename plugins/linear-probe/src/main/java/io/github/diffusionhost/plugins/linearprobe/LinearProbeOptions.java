package io.github.diffusionhost.plugins.linearprobe;

import io.github.diffusionhost.api.options.Option;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/** The options of {@link LinearProbeProvider}. */
public record LinearProbeOptions(
    @Option(value = "passes over the training images", min = 1, max = 100_000) int epochs,
    @Option(value = "images of a training step", min = 1, max = 65_536) int batchSize,
    @Option(value = "Adam's learning rate at first; falls to 0 along a cosine", min = 0, max = 100)
        double learningRate,
    @Option(value = "steps of the sampling whose noise levels are probed", min = 1, max = 100_000)
        int steps,
    @Option(
            value =
                "noise levels, as steps of that sampling counted from its clean end: 1 to steps;"
                    + " with several every one is probed",
            min = 1,
            max = 100_000)
        List<Integer> noiseSteps,
    @Option("features of the network by name; with several every one is probed, [] is all")
        List<String> features,
    @Option("whether training images are flipped left to right at random") boolean flip,
    @Option(value = "training images to choose at random; 0: all", min = 0) int trainImages,
    @Option(value = "test images to choose at random; 0: all", min = 0) int testImages) {
  /** As published with xfetus/edm2-multi-gpu. */
  public static final LinearProbeOptions DEFAULTS =
      new LinearProbeOptions(15, 128, 1e-3, 18, List.of(4), List.of("out_6"), true, 0, 0);

  /** Checks what the ranges of single options cannot. */
  public LinearProbeOptions {
    noiseSteps = List.copyOf(noiseSteps);
    features = List.copyOf(features);
    require(!noiseSteps.isEmpty(), "noiseSteps is empty: name at least one step, 1 to " + steps);
    for (int step : noiseSteps) {
      require(
          step >= 1 && step <= steps,
          String.format(
              Locale.ROOT,
              "noiseSteps %d: a sampling of %d steps has noise steps 1 to %d",
              step,
              steps,
              steps));
    }
    requireDistinct("noiseSteps", noiseSteps);
    requireDistinct("features", features);
  }

  private static void requireDistinct(String name, List<?> values) {
    require(new HashSet<>(values).size() == values.size(), name + " names one twice: " + values);
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }
}
