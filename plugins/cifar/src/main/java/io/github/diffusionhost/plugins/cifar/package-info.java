/** CIFAR-10 and CIFAR-100. */
@NullMarked
package io.github.diffusionhost.plugins.cifar;

import org.jspecify.annotations.NullMarked;
