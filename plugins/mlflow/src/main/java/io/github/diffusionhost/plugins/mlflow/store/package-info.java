/** Where runs are kept, and what is kept of one. */
@NullMarked
package io.github.diffusionhost.plugins.mlflow.store;

import org.jspecify.annotations.NullMarked;
