/** A small classifier, trained here on the dataset at hand. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.extract.classifier;

import org.jspecify.annotations.NullMarked;
