/** Tiny ImageNet. */
@NullMarked
package io.github.diffusionhost.plugins.tinyimagenet;

import org.jspecify.annotations.NullMarked;
