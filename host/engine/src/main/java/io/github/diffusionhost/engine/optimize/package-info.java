/** Optimizers: their options, their updates, what they keep of the weights. */
@NullMarked
package io.github.diffusionhost.engine.optimize;

import org.jspecify.annotations.NullMarked;
