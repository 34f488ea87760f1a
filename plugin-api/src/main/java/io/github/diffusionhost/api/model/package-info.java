/** Models: networks that predict from a noisy image. */
@NullMarked
package io.github.diffusionhost.api.model;

import org.jspecify.annotations.NullMarked;
