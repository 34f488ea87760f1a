/** How far generated images are from the nearest of the training set. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import org.jspecify.annotations.NullMarked;
