/** Networks as files for other programs. */
@NullMarked
package io.github.diffusionhost.engine.export;

import org.jspecify.annotations.NullMarked;
