/** Metrics that compare features of generated images with those of a reference. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.metric.feature;

import org.jspecify.annotations.NullMarked;
