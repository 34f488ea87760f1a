/** Flow matching along straight paths, as in Stable Diffusion 3. */
@NullMarked
package io.github.diffusionhost.plugins.flowmatch;

import org.jspecify.annotations.NullMarked;
