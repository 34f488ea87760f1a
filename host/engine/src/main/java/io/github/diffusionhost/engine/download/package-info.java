/** Fetching the files of datasets: mirrors, resuming, checksums. */
@NullMarked
package io.github.diffusionhost.engine.download;

import org.jspecify.annotations.NullMarked;
