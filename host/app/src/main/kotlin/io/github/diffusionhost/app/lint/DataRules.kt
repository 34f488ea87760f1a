package io.github.diffusionhost.app.lint

import kotlin.math.abs
import kotlin.math.pow

/** The values of a black and a white pixel as the network sees them; null if that is not known. */
internal val Subject.pixelRange: Pair<Double, Double>?
  get() = pixels?.let { -it.mean.toDouble() / it.std to (1.0 - it.mean) / it.std }

/** Rules of R1 about the images. */
internal val DATA_RULES =
  listOf(
    Rule(
      "pixel-range",
      "dataset.mean, dataset.std",
      "The noise is made for pixels in [-1, 1]. $UNMEASURED",
      "Ho et al. 2020, section 3.3; Chen 2023 (arXiv 2301.10972) on scaling the images as a change of the noise schedule",
      Subject::pixelRangeDifference,
    ),
    Rule(
      "flips",
      "dataset.flip",
      "Flips improved sample quality slightly; no figures.",
      "Ho et al. 2020, appendix B",
    ) {
      flag("dataset.flip")?.takeIf { !it && isCifar }?.let { Difference("false", "true") }
    },
  )

private fun Subject.pixelRangeDifference(): Difference? {
  val (low, high) = pixelRange ?: return null
  if (abs(low + 1) < 0.01 && abs(high - 1) < 0.01) return null
  val contrast = (high - low) / 2
  val power = contrast.pow(2)
  val ratio = if (power < 1) "1/${short(1 / power)}" else short(power)
  val computed =
    "Contrast is ${short(contrast)} times that of [-1, 1], so every noise level has $ratio of the signal-to-noise ratio" +
      if (abs(low + high) > 0.02) ", and images are not centred, which a start from noise is." else "."
  return Difference("${short(low)} to ${short(high)}", "-1 to 1", computed)
}
