/** MNIST and other sets of 28×28 digits in IDX files. */
@NullMarked
package io.github.diffusionhost.plugins.mnist;

import org.jspecify.annotations.NullMarked;
