/** Words from elsewhere in messages. */
@NullMarked
package io.github.diffusionhost.api.text;

import org.jspecify.annotations.NullMarked;
