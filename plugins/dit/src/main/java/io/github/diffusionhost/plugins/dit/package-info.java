/** The diffusion transformer of Stable Diffusion 3 in the small form of recipe R3. */
@NullMarked
package io.github.diffusionhost.plugins.dit;

import org.jspecify.annotations.NullMarked;
