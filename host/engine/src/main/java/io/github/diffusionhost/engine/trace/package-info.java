/**
 * Tracing: DJL blocks run on arrays that record what is done to them, and become programs. The
 * arrays are proxies around real ones, so that shapes need no inference.
 */
@NullMarked
package io.github.diffusionhost.engine.trace;

import org.jspecify.annotations.NullMarked;
