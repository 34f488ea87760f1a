/** Errors pixel by pixel. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.metric.pixel;

import org.jspecify.annotations.NullMarked;
