/** How the libraries that PyTorch calls compute. */
@NullMarked
package io.github.diffusionhost.engine.arithmetic;

import org.jspecify.annotations.NullMarked;
