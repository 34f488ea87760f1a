/**
 * The noise process: its variances, what a network predicts of it, and how training draws from it.
 */
@NullMarked
package io.github.diffusionhost.plugins.ddpm.process;

import org.jspecify.annotations.NullMarked;
