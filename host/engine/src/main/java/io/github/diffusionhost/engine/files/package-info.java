/** Files that appear whole or not at all. */
@NullMarked
package io.github.diffusionhost.engine.files;

import org.jspecify.annotations.NullMarked;
