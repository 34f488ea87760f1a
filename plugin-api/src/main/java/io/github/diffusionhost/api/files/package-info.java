/** Files that appear whole or not at all. */
@NullMarked
package io.github.diffusionhost.api.files;

import org.jspecify.annotations.NullMarked;
