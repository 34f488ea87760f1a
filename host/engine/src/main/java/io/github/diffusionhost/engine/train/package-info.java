/** The loop: steps, log, samples, checkpoints, evaluations. */
@NullMarked
package io.github.diffusionhost.engine.train;

import org.jspecify.annotations.NullMarked;
