/** Which timesteps and noise levels a sampler goes through. */
@NullMarked
package io.github.diffusionhost.plugins.ddpm.spacing;

import org.jspecify.annotations.NullMarked;
