/** Which images a step takes, and what it draws for them. */
@NullMarked
package io.github.diffusionhost.engine.batch;

import org.jspecify.annotations.NullMarked;
