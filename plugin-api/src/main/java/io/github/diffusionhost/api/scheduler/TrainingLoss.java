package io.github.diffusionhost.api.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * The loss of each image of a batch.
 *
 * @param perImage [N] float32, weighted; its mean is minimised
 * @param squaredError [N] float32, the mean over channels and pixels of the squared error, without
 *     weights, 0 or more; no gradient goes through it
 * @param level [N] float32, finite, the noise level that each image was given, from little to much
 *     noise in the scheduler's own unit (timestep or σ): losses are shown by it
 */
public record TrainingLoss(NDArray perImage, NDArray squaredError, NDArray level) {}
