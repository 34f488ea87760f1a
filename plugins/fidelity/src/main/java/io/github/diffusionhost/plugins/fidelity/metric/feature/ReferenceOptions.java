package io.github.diffusionhost.plugins.fidelity.metric.feature;

import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Extraction;
import io.github.diffusionhost.plugins.fidelity.extract.reference.Reference;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Which images generated ones are compared with. */
public record ReferenceOptions(
    @Option("the split") Split split,
    @Option(
            value = "so many of its images, drawn at random, the same ones always",
            min = 2,
            max = Integer.MAX_VALUE)
        @Nullable Integer images) {
  /** The training images. */
  public static final ReferenceOptions TRAIN = new ReferenceOptions(Split.TRAIN, null);

  /** The images, all of the split if nobody said how many. */
  Reference open(Extraction extraction, MetricContext context) throws IOException {
    return open(extraction, Long.MAX_VALUE, context);
  }

  /** The images, {@code otherwise} so many if nobody said how many. */
  Reference open(Extraction extraction, long otherwise, MetricContext context) throws IOException {
    return new Reference(split, images == null ? otherwise : images, extraction, context);
  }
}
