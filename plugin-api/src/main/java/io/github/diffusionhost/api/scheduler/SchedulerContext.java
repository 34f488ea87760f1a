package io.github.diffusionhost.api.scheduler;

import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;

/**
 * What the host tells a scheduler that is being made.
 *
 * @param imageShape the images
 * @param noise the draws of the initial weights of trainable parts
 */
public record SchedulerContext(ImageShape imageShape, Noise noise) {}
