package io.github.diffusionhost.plugins.mlflow.store;

/**
 * A number of a curve.
 *
 * @param name as MLflow takes it
 * @param time in milliseconds since 1970
 */
public record Point(String name, double value, long time, long step) {}
