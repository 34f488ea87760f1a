/** The networks of EDM2 for small images. */
@NullMarked
package io.github.diffusionhost.plugins.edm2.network;

import org.jspecify.annotations.NullMarked;
