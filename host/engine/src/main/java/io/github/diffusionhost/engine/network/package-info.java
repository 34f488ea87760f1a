/** The network with its noise process and weights. */
@NullMarked
package io.github.diffusionhost.engine.network;

import org.jspecify.annotations.NullMarked;
