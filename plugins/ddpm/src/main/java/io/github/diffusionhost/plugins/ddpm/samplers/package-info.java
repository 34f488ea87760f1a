/** The samplers of the process. */
@NullMarked
package io.github.diffusionhost.plugins.ddpm.samplers;

import org.jspecify.annotations.NullMarked;
