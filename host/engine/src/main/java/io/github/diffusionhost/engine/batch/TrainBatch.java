package io.github.diffusionhost.engine.batch;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import org.jspecify.annotations.Nullable;

/**
 * What one forward pass of training sees.
 *
 * @param images clean images [N,C,H,W] float32 as the network sees pixels, augmented
 * @param labels [N] int64; null if there are none
 * @param noise the draws of the loss and of dropout
 */
public record TrainBatch(NDArray images, @Nullable NDArray labels, Noise noise) {}
