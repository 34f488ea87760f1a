package io.github.diffusionhost.app.lint

import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.scheduler.NoiseLevel
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.ConfigNode.Mapping
import io.github.diffusionhost.app.config.source.ConfigNode.Scalar
import io.github.diffusionhost.app.config.source.ConfigNode.Sequence
import io.github.diffusionhost.app.config.source.inline
import io.github.diffusionhost.app.config.source.toFlag
import io.github.diffusionhost.app.config.source.toReal
import io.github.diffusionhost.engine.contract.CheckedLevels
import io.github.diffusionhost.engine.options.TrainOptions
import java.math.BigDecimal
import java.math.MathContext

/**
 * A config as rules see it: options by their dotted keys, null where the provider has no such option.
 *
 * @property pixels how bytes become pixels; null if that is not known
 */
internal class Subject(
  private val config: RunConfig,
  private val scheduler: Scheduler,
  val pixels: PixelNormalization?,
) {
  val train: TrainOptions = config.train

  /** The most noise that training shows the network. */
  val noisiest: NoiseLevel by lazy { CheckedLevels(scheduler).run { at(edges().last()) } }

  /** Whether the images are CIFAR's, the only ones that some numbers of R1 were chosen for. */
  val isCifar: Boolean
    get() = text("dataset.use") == "cifar" || text("dataset.path").orEmpty().contains("cifar", ignoreCase = true)

  fun text(key: String): String? = (config.option(key) as? Scalar)?.text

  fun number(key: String): Double? = config.option(key).real()

  fun flag(key: String): Boolean? = (config.option(key) as? Scalar)?.toFlag()

  fun numbers(key: String): List<Double>? = (config.option(key) as? Sequence)?.elements?.mapNotNull { it.real() }

  /** An option as a config writes it. */
  fun written(key: String): String = config.option(key)?.let(::inline) ?: "nothing"
}

/** An option by its dotted key; null if there is none. */
internal fun RunConfig.option(key: String): ConfigNode? =
  key.split('.').fold<String, ConfigNode?>(resolved()) { node, part -> (node as? Mapping)?.get(part) }

internal fun ConfigNode?.real(): Double? = (this as? Scalar)?.toReal()

/** A number to three digits, without trailing zeros: `0.282`, `500`, `4e-5`. */
internal fun short(value: Double): String {
  val rounded = BigDecimal(value).round(MathContext(3)).stripTrailingZeros()
  return when {
    rounded.signum() == 0 -> "0"
    rounded.precision() - rounded.scale() in -3..9 -> rounded.toPlainString()
    else -> rounded.toString().lowercase()
  }
}
