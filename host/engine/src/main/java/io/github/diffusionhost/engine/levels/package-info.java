/** Losses by noise level, and their curves. */
@NullMarked
package io.github.diffusionhost.engine.levels;

import org.jspecify.annotations.NullMarked;
