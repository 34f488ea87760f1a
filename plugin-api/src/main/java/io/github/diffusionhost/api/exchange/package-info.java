/**
 * How options translate from and to the configs of classes of other libraries: what {@code host
 * import} and {@code host export} ask of models and schedulers.
 */
@NullMarked
package io.github.diffusionhost.api.exchange;

import org.jspecify.annotations.NullMarked;
