/** Records of runs in other programs, such as an MLflow server. */
@NullMarked
package io.github.diffusionhost.api.tracker;

import org.jspecify.annotations.NullMarked;
