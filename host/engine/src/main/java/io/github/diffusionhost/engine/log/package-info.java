/** The course of a run on disk: {@code metrics.jsonl} and TensorBoard's event files. */
@NullMarked
package io.github.diffusionhost.engine.log;

import org.jspecify.annotations.NullMarked;
