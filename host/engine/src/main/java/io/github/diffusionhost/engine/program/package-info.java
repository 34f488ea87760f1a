/** Straight-line tensor programs: what tracing writes, passes change and TorchScript runs. */
@NullMarked
package io.github.diffusionhost.engine.program;

import org.jspecify.annotations.NullMarked;
