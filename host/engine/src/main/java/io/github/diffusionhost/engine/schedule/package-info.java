/** What follows from the number of the step: learning rates, decays of running averages. */
@NullMarked
package io.github.diffusionhost.engine.schedule;

import org.jspecify.annotations.NullMarked;
