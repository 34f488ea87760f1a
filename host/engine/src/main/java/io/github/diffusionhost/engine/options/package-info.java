/** The sections of a run's config that belong to the engine, as option records. */
@NullMarked
package io.github.diffusionhost.engine.options;

import org.jspecify.annotations.NullMarked;
