/** Images and labels by index. */
@NullMarked
package io.github.diffusionhost.api.dataset;

import org.jspecify.annotations.NullMarked;
