/** Power-function averages of the weights, and any other width from snapshots of them. */
@NullMarked
package io.github.diffusionhost.engine.average;

import org.jspecify.annotations.NullMarked;
