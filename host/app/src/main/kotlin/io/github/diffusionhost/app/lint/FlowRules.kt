package io.github.diffusionhost.app.lint

import kotlin.math.abs

private const val R3 = "HiDolen/diffusion_practice_with_mnist"

/** Rules of R3. */
internal val FLOW_RULES =
  listOf(
    Rule(
      "times",
      "scheduler.times",
      "Of the ways to draw times that were compared, logit-normal with mean 0 and deviation 1 ranked first.",
      "Esser et al. 2024 (arXiv 2403.03206), section 5.1 and table 1, on ImageNet and CC12M",
    ) {
      text("scheduler.times")?.takeIf { it != "logit-normal" }?.let { Difference(it, "logit-normal") }
    },
    Rule(
      "time-mismatch",
      "scheduler.time",
      "The network is told -t-1 in training and 1000 sigma in sampling, which it was never trained on. $UNMEASURED",
      "$R3, train.py",
    ) {
      text("scheduler.time")?.takeIf { it == "as-published" }?.let { Difference(it, "consistent") }
    },
    Rule(
      "shifted-positions",
      "model.positions",
      "Every image token carries its neighbour's position. $UNMEASURED",
      "$R3, train.py",
    ) {
      text("model.positions")?.takeIf { it == "as-published" }?.let { Difference(it, "aligned") }
    },
    Rule(
      "immiscible",
      "scheduler.immiscible",
      "Reported as worse on MNIST, without figures; and such steps are not compiled.",
      "$R3, README",
    ) {
      flag("scheduler.immiscible")?.takeIf { it }?.let { Difference("true", "false") }
    },
    Rule(
      "pixel-range",
      "dataset.mean, dataset.std",
      "Pixels of a variance near 1 are reported to improve stability greatly; no figures.",
      "$R3, README",
    ) {
      pixels
        ?.takeIf { abs(it.mean - 0.5f) > 0.01f || abs(it.std - 0.3081f) > 0.01f }
        ?.let { Difference("(x - ${short(it.mean.toDouble())}) / ${short(it.std.toDouble())}", "(x - 0.5) / 0.3081") }
    },
  )
