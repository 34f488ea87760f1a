/** Array functions that DJL lacks. */
@NullMarked
package io.github.diffusionhost.api.ops;

import org.jspecify.annotations.NullMarked;
