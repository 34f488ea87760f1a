/**
 * Power-function averages of weights, and others made of them after training (Karras et al. 2024).
 */
@NullMarked
package io.github.diffusionhost.engine.posthoc;

import org.jspecify.annotations.NullMarked;
