package io.github.diffusionhost.app.average

import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.network.Network

/** A number by which weights are compared. */
internal interface WeightsMetric : AutoCloseable {
  /** Its name on the command line and in files. */
  val name: String

  /** What it is taken on, for the reader of a plot. */
  val about: String

  /** Measures the weights that the network has now. */
  fun measure(): Measurement

  override fun close() {}
}

/** Makes a metric for a network. */
internal fun interface MetricSource {
  /**
   * @param spec the images that the network was trained on
   * @return closed by the caller, before the network
   */
  fun open(assembly: RunAssembly, config: RunConfig, spec: ImageSpec, network: Network): WeightsMetric
}

/**
 * What a metric found.
 *
 * @property byLevel the same by noise level, for metrics that have it
 */
internal data class Measurement(val value: Double, val byLevel: Map<String, Double> = emptyMap())
