/** Statistics of feature vectors and of pixels, in float64. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.stats;

import org.jspecify.annotations.NullMarked;
