/** Runs in a folder, in the files that MLflow reads. */
@NullMarked
package io.github.diffusionhost.plugins.mlflow.folder;

import org.jspecify.annotations.NullMarked;
