/** Whether recorded code does the same each time that it runs. */
@NullMarked
package io.github.diffusionhost.engine.trace.steady;

import org.jspecify.annotations.NullMarked;
