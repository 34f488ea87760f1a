package io.github.diffusionhost.engine.train;

/**
 * What an optimizer step did.
 *
 * @param loss the mean loss over the batch, before the step
 * @param gradientNorm the L2 norm of all gradients together, before clipping
 */
public record StepReport(double loss, double gradientNorm) {}
