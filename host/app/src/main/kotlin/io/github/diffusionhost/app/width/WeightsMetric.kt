package io.github.diffusionhost.app.width

/** A number by which weights are compared; smaller is better. */
internal interface WeightsMetric {
  /** Its name on the command line and in files. */
  val name: String

  /** What it is taken on, for the reader of a plot. */
  val about: String

  /** Measures the weights that the network has now. */
  fun measure(): Measurement
}

/**
 * What a metric found.
 *
 * @property byLevel the same by noise level, for metrics that have it
 */
internal data class Measurement(val value: Double, val byLevel: Map<String, Double> = emptyMap())
