package io.github.diffusionhost.app.lint

import kotlin.math.pow
import kotlin.math.sqrt

private const val STEPS = 1000
private const val FIRST_BETA = 1e-4
private const val LAST_BETA = 0.02
private const val DDIM_TABLE = "Song et al. 2021 (arXiv 2010.02502), table 1"

/** √ᾱ at the last timestep of R1, 0.00635. */
private val SIGNAL =
  sqrt((0 until STEPS).fold(1.0) { p, t -> p * (1 - FIRST_BETA - (LAST_BETA - FIRST_BETA) * t / 999) })

/** Rules of R1 about the noise process and its sampler. */
internal val SCHEDULE_RULES =
  listOf(
    Rule(
      "timesteps",
      "scheduler.timesteps",
      "A reverse step is close to Gaussian only while each beta is small; with fewer steps each has more to undo, and " +
        "with the same betas x_T keeps more of the image. In a short run on MNIST T = 250 with betas to match followed T = " +
        "1000: error over all levels 0.213 in both, and 0.275 with the same betas.",
      "measured, docs/explanation/R2.md; Ho et al. 2020 (arXiv 2006.11239), section 2 and appendix B, who set T = 1000 without a sweep",
    ) {
      number("scheduler.timesteps")?.takeIf { it < STEPS }?.let { Difference(short(it), "$STEPS") }
    },
    Rule(
      "terminal-signal",
      "scheduler.betaEnd",
      "Sampling starts from pure noise, which training never showed the network. Stable Diffusion, with a signal of " +
        "0.068, made images of medium brightness only, until that was mended.",
      "Lin et al. 2023 (arXiv 2305.08891); Ho et al. 2020, appendix B: all schedules tried had L_T ≈ 0",
      Subject::terminalSignal,
    ),
    Rule(
      "shared-time",
      "scheduler.times",
      "The gradient of a step is that of one noise level: what it varies by from level to level does not shrink with " +
        "the batch, and the loss jumps with the level drawn. In a short run on MNIST its spread was 0.31 of its mean, with a " +
        "time for each image 0.09, and the samples were blobs where those had strokes.",
      "measured, docs/explanation/R2.md; Ho et al. 2020, algorithm 1 (a time for each image); Kingma et al. 2021 (arXiv 2107.00630) " +
        "spread the times of a batch evenly for less variance (low-discrepancy sampler)",
    ) {
      text("scheduler.times")?.takeIf { it == "per-batch" }?.let { Difference("per-batch", "per-image") }
    },
    Rule(
      "prediction",
      "scheduler.prediction",
      "Predicting the image gave worse samples early in the authors' experiments; no figures.",
      "Ho et al. 2020, section 3.2",
    ) {
      text("scheduler.prediction")?.takeIf { it == "sample" }?.let { Difference("sample", "epsilon") }
    },
    Rule(
      "variance",
      "scheduler.variance",
      "Published FID on CIFAR-10 with 1,000 ancestral steps: 4.73 with the smaller variance, 3.17 with the larger.",
      DDIM_TABLE,
    ) {
      text("scheduler.variance")
        ?.takeIf { it == "fixed-small" && isAncestral && stepShare >= 1 }
        ?.let { Difference("fixed-small", "fixed-large") }
    },
    Rule(
      "few-ancestral-steps",
      "sample.steps",
      "Published FID on CIFAR-10 of ancestral sampling with the larger variance: 3.17 in 1,000 steps, 9.99 in 100, " +
        "32.72 in 50. DDIM, from the same network: 4.04, 4.16, 4.67.",
      DDIM_TABLE,
    ) {
      text("scheduler.variance")
        ?.takeIf { it == "fixed-large" && isAncestral && stepShare <= 0.25 }
        ?.let { Difference("${written("sample.steps")} with sampler ddpm", "all ${written("scheduler.timesteps")}") }
    },
    Rule(
      "clip-range",
      "scheduler.clipRange",
      "Predicted images are cut to the clip range while sampling, and pixels beyond it can never be drawn.",
      "follows from algorithm 2 of Ho et al. 2020 with clipped x0",
      Subject::clippedPixels,
    ),
  )

private val Subject.isAncestral
  get() = text("sample.sampler") == "ddpm"

/** The sampler's steps over all timesteps. */
private val Subject.stepShare: Double
  get() = (number("sample.steps") ?: 1.0) / (number("scheduler.timesteps") ?: 1.0)

private fun Subject.terminalSignal(): Difference? {
  val level = noisiest
  if (level.signal() <= 2 * SIGNAL) return null
  val ratio = (level.signal() / level.noise()).pow(2)
  val steps = number("scheduler.timesteps") ?: return null
  val scaled =
    if (steps < STEPS && text("scheduler.schedule") == "linear") {
      val factor = STEPS / steps
      " With T = ${short(steps)}, betas ${short(factor)} times as large as R1's, ${short(FIRST_BETA * factor)} to " +
        "${short(LAST_BETA * factor)}, end where R1's do."
    } else ""
  return Difference(
    "signal ${short(level.signal())} left at T",
    short(SIGNAL),
    "x_T is not noise alone: ${short(level.signal())} of the image's amplitude is left in it, a signal-to-noise ratio " +
      "of ${short(ratio)}, in R1 ${short(SIGNAL * SIGNAL / (1 - SIGNAL * SIGNAL))}.$scaled",
  )
}

private fun Subject.clippedPixels(): Difference? {
  val range = number("scheduler.clipRange") ?: return null
  val (low, high) = pixelRange ?: return null
  if (flag("scheduler.clipSample") != true || maxOf(-low, high) <= range * 1.001) return null
  return Difference("${short(range)}, pixels from ${short(low)} to ${short(high)}", "1, pixels from -1 to 1")
}
