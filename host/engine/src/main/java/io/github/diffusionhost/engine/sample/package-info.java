/** Images from trained networks. */
@NullMarked
package io.github.diffusionhost.engine.sample;

import org.jspecify.annotations.NullMarked;
