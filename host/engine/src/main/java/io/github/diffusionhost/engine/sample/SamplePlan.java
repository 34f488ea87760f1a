package io.github.diffusionhost.engine.sample;

import io.github.diffusionhost.api.scheduler.Sampler;
import java.util.List;

/**
 * What to sample and how.
 *
 * @param sampler turns noise into images
 * @param steps its steps
 * @param guidance the guidance scale; 1: no guidance
 * @param labels the labels of images 0, 1, …, in turn; empty if the network takes none
 * @param seed image i follows from the seed and i alone
 */
public record SamplePlan(
    Sampler sampler, int steps, double guidance, List<Integer> labels, long seed) {
  /** Copies the list. */
  public SamplePlan {
    labels = List.copyOf(labels);
  }

  /** The label of image {@code index}. */
  int label(int index) {
    return labels.get(index % labels.size());
  }
}
