/** Named numbers and figures from generated images. */
@NullMarked
package io.github.diffusionhost.api.metric;

import org.jspecify.annotations.NullMarked;
