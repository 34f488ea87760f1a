/** The Inception network of FID, whose weights are the user's. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.extract.inception;

import org.jspecify.annotations.NullMarked;
