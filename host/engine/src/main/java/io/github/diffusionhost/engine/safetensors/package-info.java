/**
 * Weights on disk: the safetensors format, as <a
 * href="https://github.com/huggingface/safetensors#format">specified by its authors</a>.
 */
@NullMarked
package io.github.diffusionhost.engine.safetensors;

import org.jspecify.annotations.NullMarked;
