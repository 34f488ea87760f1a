/** Recordings of a loss, a prediction and the functions of weights, as programs. */
@NullMarked
package io.github.diffusionhost.engine.compile;

import org.jspecify.annotations.NullMarked;
