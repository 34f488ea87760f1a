/** Records runs with MLflow, on a server of it or in a folder that it reads. */
@NullMarked
package io.github.diffusionhost.plugins.mlflow;

import org.jspecify.annotations.NullMarked;
