package io.github.diffusionhost.engine.batch;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import org.jspecify.annotations.Nullable;

/**
 * What makes a batch.
 *
 * @param indices its images among {@link BatchSource#pixels}, [N] int64
 * @param labels [N] int64; null if there are none
 * @param augmentation the draws of the augmentation
 * @param loss the draws of the loss and of dropout
 */
public record StepInputs(
    NDArray indices, @Nullable NDArray labels, Noise augmentation, Noise loss) {}
