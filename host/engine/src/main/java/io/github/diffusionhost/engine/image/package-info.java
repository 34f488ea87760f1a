/** Pictures for people: grids of images, PNG files. */
@NullMarked
package io.github.diffusionhost.engine.image;

import org.jspecify.annotations.NullMarked;
