/** Runs on a tracking server, by its REST interface. */
@NullMarked
package io.github.diffusionhost.plugins.mlflow.server;

import org.jspecify.annotations.NullMarked;
