/** What a machine is able to do. */
@NullMarked
package io.github.diffusionhost.engine.bench;

import org.jspecify.annotations.NullMarked;
