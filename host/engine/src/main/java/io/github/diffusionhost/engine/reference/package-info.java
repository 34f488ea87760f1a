/** Errors that a trained network's errors are compared with. */
@NullMarked
package io.github.diffusionhost.engine.reference;

import org.jspecify.annotations.NullMarked;
