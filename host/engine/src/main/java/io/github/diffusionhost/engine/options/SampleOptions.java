package io.github.diffusionhost.engine.options;

import io.github.diffusionhost.api.options.Option;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is sampled: the {@code sample} section of a config. A config may hold the chosen sampler's
 * own options beside these.
 */
public record SampleOptions(
    @Option("sampler by name; the scheduler's first if not given") @Nullable String sampler,
    @Option(value = "steps; the sampler's own number if not given", min = 1, max = 100_000)
        @Nullable Integer steps,
    @Option(value = "how many images", min = 1, max = 1 << 24) int count,
    @Option(
            value = "guidance scale w: unlabelled + w (labelled - unlabelled); 1: no guidance",
            min = 0)
        double guidance,
    @Option(value = "labels to sample, in turn; all classes in turn if not given", min = 0)
        @Nullable List<Integer> labels,
    @Option("whether the grids of a training show as many real images below the samples")
        boolean realImages) {

  /** Twelve images, one of each class in turn. */
  public static final SampleOptions DEFAULTS = new SampleOptions(null, null, 12, 1.0, null, false);

  /** Copies the list. */
  public SampleOptions {
    labels = labels == null ? null : List.copyOf(labels);
  }
}
