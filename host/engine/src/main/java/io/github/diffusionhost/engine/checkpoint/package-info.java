/** Checkpoints: everything needed to go on with a run, in folders that are whole or not there. */
@NullMarked
package io.github.diffusionhost.engine.checkpoint;

import org.jspecify.annotations.NullMarked;
