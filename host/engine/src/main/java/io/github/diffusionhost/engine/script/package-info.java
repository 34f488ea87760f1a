/** Programs as TorchScript: its text, its archive, and calling it. */
@NullMarked
package io.github.diffusionhost.engine.script;

import org.jspecify.annotations.NullMarked;
