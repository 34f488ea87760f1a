/** What plugins return, compared with their contract. */
@NullMarked
package io.github.diffusionhost.engine.contract;

import org.jspecify.annotations.NullMarked;
