package io.github.diffusionhost.plugins.mlflow;

/**
 * A number of a curve.
 *
 * @param name as MLflow takes it
 * @param time in milliseconds since 1970
 */
record Point(String name, double value, long time, long step) {}
