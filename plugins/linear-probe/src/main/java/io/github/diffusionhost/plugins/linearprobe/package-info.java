/** How well a linear classifier tells classes by a network's features. */
@NullMarked
package io.github.diffusionhost.plugins.linearprobe;

import org.jspecify.annotations.NullMarked;
