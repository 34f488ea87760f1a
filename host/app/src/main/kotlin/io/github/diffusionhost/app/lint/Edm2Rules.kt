package io.github.diffusionhost.app.lint

import kotlin.math.abs

private const val XFETUS = "xfetus/edm2-multi-gpu"

/** Rules of R4. */
internal val EDM2_RULES =
  listOf(
    Rule(
      "uncertainty",
      "scheduler.uncertainty",
      "Noise levels whose errors are large decide the gradient. The recipe's authors find that config C is ahead of " +
        "EDM mainly by this weighting; no figures for it alone.",
      "$XFETUS, README; Karras et al. 2023 (arXiv 2312.02696), equations 14 to 16",
    ) {
      text("scheduler.uncertainty")?.takeIf { it == "none" }?.let { Difference(it, "a trained u(sigma)") }
    },
    Rule(
      "sigma-data",
      "scheduler.sigmaData, dataset.std",
      "The network's inputs and targets have another variance than 1, and the weights and levels of training are " +
        "those of pixels in [-1, 1]. $UNMEASURED",
      "Karras et al. 2022 (arXiv 2206.00364), table 1 and appendix B.6",
      Subject::sigmaDataDifference,
    ),
    Rule(
      "clipped-pixels",
      "sample.clip",
      "Predicted images are cut off inside the range of the pixels: black and white are never reached. Set " +
        "sample.clip to false. $UNMEASURED",
      "$XFETUS, EDM.py, which has pixels in [-1, 1]",
    ) {
      pixelRange
        ?.takeIf { (low, high) -> flag("sample.clip") == true && (low < -1.01 || high > 1.01) }
        ?.let { (low, high) ->
          Difference("clipped to -1 to 1, of ${short(low)} to ${short(high)}", "-1 to 1 of -1 to 1")
        }
    },
  )

private fun Subject.sigmaDataDifference(): Difference? {
  val sigmaData = number("scheduler.sigmaData") ?: return null
  val (low, high) = pixelRange ?: return null
  val fitting = 0.5 * (high - low) / 2
  if (abs(sigmaData / fitting - 1) < 0.05) return null
  return Difference(
    "${short(sigmaData)} for pixels of ${short(low)} to ${short(high)}",
    "0.5 for pixels of -1 to 1",
    "For this range it would be ${short(fitting)}.",
  )
}
