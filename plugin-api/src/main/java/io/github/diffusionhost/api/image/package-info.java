/** Reading image files: folders and zips of them, and the PNG and JPEG files inside. */
@NullMarked
package io.github.diffusionhost.api.image;

import org.jspecify.annotations.NullMarked;
