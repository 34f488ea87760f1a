/** One training step: operation by operation, or compiled. */
@NullMarked
package io.github.diffusionhost.engine.step;

import org.jspecify.annotations.NullMarked;
