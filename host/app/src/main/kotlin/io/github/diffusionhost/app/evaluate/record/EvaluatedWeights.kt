package io.github.diffusionhost.app.evaluate.record

import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.EmaOptions.Kind
import io.github.diffusionhost.engine.train.RunFiles

/**
 * Which weights of a checkpoint are evaluated.
 *
 * @property name `model`, `ema`, `ema-1`, …
 * @property average what kind of average they are, such as `power function, width 0.1`; null: none, or not known
 */
data class EvaluatedWeights(val name: String, val average: String?) {
  override fun toString(): String = if (average == null) name else "$name ($average)"

  companion object {
    /**
     * @param averages of the training
     * @param state of the checkpoint, which may be of an average that was made after the training
     */
    fun of(name: String, averages: List<EmaOptions>, state: CheckpointState? = null): EvaluatedWeights {
      val index = averages.indices.find { RunFiles.ema(it) == "$name.safetensors" }
      val width = state?.doubles()?.get("ema.width")?.takeIf { name == "ema" }
      return EvaluatedWeights(name, width?.let(::power) ?: index?.let { words(averages[it]) })
    }

    private fun words(average: EmaOptions): String =
      when (checkNotNull(average.use())) {
        Kind.CONSTANT -> "decay ${realText(average.decay())}"
        Kind.RAMP -> "decay rising to ${realText(average.decay())}"
        Kind.WARMUP -> "decay rising to ${realText(average.decay())} by power ${realText(average.power())}"
        Kind.POWER -> power(average.width())
      }

    private fun power(width: Double) = "power function, width ${realText(width)}"
  }
}
