/** Passes: each takes a program and returns one that computes the same in a better way. */
@NullMarked
package io.github.diffusionhost.engine.pass;

import org.jspecify.annotations.NullMarked;
