/** How long arrays live. */
@NullMarked
package io.github.diffusionhost.api.arrays;

import org.jspecify.annotations.NullMarked;
