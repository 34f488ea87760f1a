/** What a thread must have set while native code runs on it. */
@NullMarked
package io.github.diffusionhost.engine.scope;

import org.jspecify.annotations.NullMarked;
