package io.github.diffusionhost.app.report

import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.math.abs
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json

/** `references.json` of a run: what errors by noise level are compared with, and what the levels are. */
@Serializable
class References(
  val edges: List<Double>,
  val level: List<Double>,
  val signal: List<Double>,
  val noise: List<Double>,
  val fromVariance: List<Double>,
  val fromSpectrum: List<Double>,
) {
  /** The unit of the levels, as far as the amounts of signal and noise at each tell it. */
  fun unit(): LevelUnit {
    val isNoise = level.indices.all { close(level[it], noise[it]) }
    // The network may see both scaled: edm2 gives it (image + σ · noise) / √(σ² + σ_data²).
    val isRatio = level.indices.all { close(level[it] * signal[it], noise[it]) }
    val mixed = signal.indices.all { close(signal[it] + noise[it], 1.0) }
    val preserving = signal.indices.all { close(signal[it] * signal[it] + noise[it] * noise[it], 1.0) }
    return when {
      isRatio -> LevelUnit.SIGMA
      isNoise && mixed -> LevelUnit.SHARE
      preserving && edges.last() > 10 -> LevelUnit.TIMESTEP
      else -> LevelUnit.UNKNOWN
    }
  }

  private fun close(a: Double, b: Double) = abs(a - b) <= 1e-4 * maxOf(1.0, abs(a), abs(b))

  companion object {
    private val FORMAT = Json { ignoreUnknownKeys = true }

    /** Reads a file; null if it is not there, or not usable, which [note] is told. */
    fun read(file: Path, note: (String) -> Unit): References? {
      if (!file.exists()) return null
      val references =
        try {
          FORMAT.decodeFromString<References>(file.readText()).takeIf { it.isWhole() }
        } catch (_: IllegalArgumentException) {
          null // noted below
        } catch (_: IOException) {
          null // noted below
        }
      if (references == null) note("references.json cannot be read, so errors by noise level have nothing beside them.")
      return references
    }
  }

  private fun isWhole() =
    edges.size >= 2 &&
      level.isNotEmpty() &&
      listOf(signal, noise, fromVariance, fromSpectrum).all { it.size == level.size }
}

/**
 * The unit of a noise level, as an axis has it.
 *
 * @property logarithmic whether levels span orders of magnitude
 */
enum class LevelUnit(val label: String, val logarithmic: Boolean) {
  SIGMA("noise level σ: image + σ · noise", true),
  SHARE("noise level σ: (1 − σ) · image + σ · noise", false),
  TIMESTEP("timestep t: little noise to much", false),
  UNKNOWN("noise level, in the scheduler's unit", false),
}
