package io.github.diffusionhost.api.model;

import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;

/**
 * What the host tells a model that is being made.
 *
 * @param imageShape the images that it sees and predicts
 * @param classes how many labels the dataset has; 0 if it has none, and then no labels are given
 * @param unlabelled whether label {@code classes} also occurs and means "no label", as in
 *     classifier-free guidance
 * @param condition the unit of the noise condition that it is given
 * @param noise the draws of the initial weights
 */
public record ModelContext(
    ImageShape imageShape, int classes, boolean unlabelled, NoiseCondition condition, Noise noise) {
  /** A model that is given timesteps. */
  public ModelContext(ImageShape imageShape, int classes, boolean unlabelled, Noise noise) {
    this(imageShape, classes, unlabelled, NoiseCondition.TIMESTEP, noise);
  }

  /** How many different label values the model is given: the rows of an embedding table. */
  public int labelValues() {
    return classes + (unlabelled && classes > 0 ? 1 : 0);
  }
}
