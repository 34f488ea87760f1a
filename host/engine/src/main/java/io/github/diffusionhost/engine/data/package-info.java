/** Training images: on the device, or read ahead of each step. */
@NullMarked
package io.github.diffusionhost.engine.data;

import org.jspecify.annotations.NullMarked;
