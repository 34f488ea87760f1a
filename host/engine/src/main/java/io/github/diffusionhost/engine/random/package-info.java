/** Random draws that follow from a seed and a place alone. */
@NullMarked
package io.github.diffusionhost.engine.random;

import org.jspecify.annotations.NullMarked;
