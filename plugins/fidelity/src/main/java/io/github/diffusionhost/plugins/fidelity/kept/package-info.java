/** Results in files of the data folder, under digests of what they came from. */
@NullMarked
package io.github.diffusionhost.plugins.fidelity.kept;

import org.jspecify.annotations.NullMarked;
