/** Noise processes: how images are corrupted in training and made in sampling. */
@NullMarked
package io.github.diffusionhost.api.scheduler;

import org.jspecify.annotations.NullMarked;
