/** What the device at hand has. */
@NullMarked
package io.github.diffusionhost.engine.device;

import org.jspecify.annotations.NullMarked;
