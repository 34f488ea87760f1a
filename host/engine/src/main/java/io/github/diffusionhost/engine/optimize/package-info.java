/** Optimizers, learning rates and running averages of weights. */
@NullMarked
package io.github.diffusionhost.engine.optimize;

import org.jspecify.annotations.NullMarked;
