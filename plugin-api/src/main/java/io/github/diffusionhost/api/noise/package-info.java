/** Random draws as an argument. */
@NullMarked
package io.github.diffusionhost.api.noise;

import org.jspecify.annotations.NullMarked;
