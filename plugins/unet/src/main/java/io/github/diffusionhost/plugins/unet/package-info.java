/** The U-Nets of the diffusers library. */
@NullMarked
package io.github.diffusionhost.plugins.unet;

import org.jspecify.annotations.NullMarked;
