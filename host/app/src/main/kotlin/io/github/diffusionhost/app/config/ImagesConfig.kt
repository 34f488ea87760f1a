package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.bind.BoundMetric
import io.github.diffusionhost.app.config.bind.DatasetChoice

/**
 * What a config says to those who evaluate images that are there already: no model, no scheduler, no training.
 *
 * @property dataset what the images are compared with; null if nobody named one
 */
data class ImagesConfig(
  val seed: Long,
  val device: DeviceChoice,
  val dataset: DatasetChoice?,
  val metrics: List<BoundMetric<*>>,
)
