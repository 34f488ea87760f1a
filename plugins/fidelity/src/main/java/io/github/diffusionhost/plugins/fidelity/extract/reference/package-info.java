/** What extractors find in reference images, gathered once and kept. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.extract.reference;

import org.jspecify.annotations.NullMarked;
