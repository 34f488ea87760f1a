/**
 * What a plugin compiles against: five kinds of {@linkplain io.github.diffusionhost.api.Provider
 * providers}, their options, and the array functions that models are made of.
 *
 * <p>Images are [N,C,H,W], float32 unless a line says otherwise; N images, C channels, H rows, W
 * columns. A type that is not annotated {@link org.jspecify.annotations.Nullable} is never null.
 */
@NullMarked
package io.github.diffusionhost.api;

import org.jspecify.annotations.NullMarked;
