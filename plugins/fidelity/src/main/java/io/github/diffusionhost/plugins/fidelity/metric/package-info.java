/** The metrics. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.metric;

import org.jspecify.annotations.NullMarked;
