/** Denoising diffusion probabilistic models and their samplers. */
@NullMarked
package io.github.diffusionhost.plugins.ddpm;

import org.jspecify.annotations.NullMarked;
