/** PNG and JPEG images in a folder or a zip of class folders. */
@NullMarked
package io.github.diffusionhost.plugins.imagefolder;

import org.jspecify.annotations.NullMarked;
