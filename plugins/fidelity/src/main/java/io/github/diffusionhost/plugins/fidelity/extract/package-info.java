/** Networks that turn images into feature vectors. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.extract;

import org.jspecify.annotations.NullMarked;
