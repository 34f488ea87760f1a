/** Training: the step, the optimizers, the loop. */
@NullMarked
package io.github.diffusionhost.engine.train;

import org.jspecify.annotations.NullMarked;
