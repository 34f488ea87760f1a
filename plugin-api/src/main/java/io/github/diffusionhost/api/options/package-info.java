/** Option records: what an option is called, which values it takes, what it means. */
@NullMarked
package io.github.diffusionhost.api.options;

import org.jspecify.annotations.NullMarked;
