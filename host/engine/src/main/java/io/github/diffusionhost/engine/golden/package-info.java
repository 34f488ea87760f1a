/** Numbers that reference implementations computed, to compare this program's with. */
@NullMarked
package io.github.diffusionhost.engine.golden;

import org.jspecify.annotations.NullMarked;
