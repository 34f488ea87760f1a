package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * The loss of each image of a batch.
 *
 * @param perImage [N] float32, the mean over channels and pixels, weighted; its mean is minimised
 * @param level [N] float32, the noise level that each image was given, from little to much noise in
 *     the scheduler's own unit (timestep or σ): losses are shown by it
 */
public record TrainingLoss(NDArray perImage, NDArray level) {}
