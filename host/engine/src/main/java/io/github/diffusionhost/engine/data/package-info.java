/** Training images in memory and the order in which they are seen. */
@NullMarked
package io.github.diffusionhost.engine.data;

import org.jspecify.annotations.NullMarked;
