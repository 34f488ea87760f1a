/** Reverse-mode differentiation of programs: one rule for each operator. */
@NullMarked
package io.github.diffusionhost.engine.gradient;

import org.jspecify.annotations.NullMarked;
