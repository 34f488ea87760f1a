package io.github.diffusionhost.plugins.fidelity.metric.pixel;

import io.github.diffusionhost.api.options.Option;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** At which noise levels test images are restored, and how many. */
public record PixelErrorOptions(
    @Option("noise levels in the scheduler's unit; if none are given: those of a sampling")
        List<Double> levels,
    @Option(value = "how many steps that sampling has", min = 1, max = 1000) int steps,
    @Option(value = "the first so many test images; if not given: all", min = 1)
        @Nullable Integer images,
    @Option(value = "images in a batch", min = 1, max = 4096) int batchSize) {
  /** Copies the list. */
  public PixelErrorOptions {
    levels = List.copyOf(levels);
  }
}
