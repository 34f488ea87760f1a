/** What plugins are tested with: replayed noise, and the checks of the plugin contract. */
@NullMarked
package io.github.diffusionhost.testkit;

import org.jspecify.annotations.NullMarked;
