/** A training from its first step to its last, and the folder that it leaves behind. */
@NullMarked
package io.github.diffusionhost.engine.run;

import org.jspecify.annotations.NullMarked;
