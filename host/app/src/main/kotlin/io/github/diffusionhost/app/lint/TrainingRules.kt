package io.github.diffusionhost.app.lint

import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.github.diffusionhost.engine.options.TrainOptions
import kotlin.math.ceil
import kotlin.math.pow

private const val BATCH = 128
private const val LR = 2e-4
private const val PITFALLS = "a published list of pitfalls met in reproducing DDPM's FID with diffusers (recipe R1)"

/** Rules of R1 about the training. */
internal val TRAINING_RULES =
  listOf(
    Rule(
      "no-ema",
      "train.ema",
      "Weights of a single step are noisy, and so are samples from them. A reproduction of R1 measured FID 8.06 from " +
        "the weights of its last step and 3.21 from their average.",
      "github.com/w86763777/pytorch-ddpm issue 22; Song and Ermon 2020 (arXiv 2006.09011) on the average's stabilising",
    ) {
      if (train.ema().isEmpty()) Difference("none", "constant 0.9999") else null
    },
    Rule(
      "ema-warm-up",
      "train.ema",
      "Another average than R1's for most of a training. $UNMEASURED",
      "$PITFALLS; EMAModel of diffusers, use_ema_warmup",
    ) {
      train
        .ema()
        .firstOrNull()
        ?.takeIf { it.use() == EmaOptions.Kind.WARMUP }
        ?.let { ema ->
          val reached = ceil(((1 - ema.decay()).pow(-1 / ema.power()) - 1) * ema.invGamma())
          Difference(
            "warmup",
            "constant 0.9999",
            "The decay reaches ${realText(ema.decay())} after ${count(reached.toLong())} updates.",
          )
        }
    },
    Rule(
      "ema-remembers-start",
      "train.ema",
      "Samples are drawn from weights that are partly those before training; `use: ramp`, or a smaller decay, forgets " +
        "them in a short run.",
      "follows from the average's definition",
      Subject::startInAverage,
    ),
    Rule(
      "lr-decay",
      "train.lrSchedule.use",
      "A rate that falls, cosine above all, the default of many a script, is among the pitfalls named. $UNMEASURED",
      PITFALLS,
    ) {
      val use = train.lrSchedule().use()
      val flat = use == LrScheduleOptions.Kind.CONSTANT || use == LrScheduleOptions.Kind.WARMUP_CONSTANT
      if (flat) null else Difference(written("train.lrSchedule.use"), "warmup-constant")
    },
    Rule(
      "lr",
      "train.optimizer.lr",
      "Adam moves each weight by about the rate in a step, so all is learnt at another speed. $UNMEASURED",
      "Ho et al. 2020, appendix B, who did not sweep it",
    ) {
      val lr = train.optimizer().lr()
      if (lr in LR / 1.5..LR * 1.5) null else Difference(short(lr), short(LR))
    },
    Rule(
      "precision",
      "train.precision",
      "Half precision is named as not enough on CIFAR-10. $UNMEASURED",
      PITFALLS,
    ) {
      if (train.precision() == TrainOptions.Precision.FP32) null else Difference(written("train.precision"), "fp32")
    },
    Rule(
      "clip-norm",
      "train.clipNorm",
      "R1 scales gradients down to a norm of 1: compare train/grad_norm, which is taken before clipping. $UNMEASURED",
      "the code published with Ho et al. 2020",
    ) {
      val norm = train.clipNorm()
      if (norm in 0.5..2.0) null else Difference(if (norm == 0.0) "no clipping" else short(norm), "1")
    },
    Rule(
      "batch",
      "train.batchSize",
      "It is the whole batch of a step that counts, over all devices and rounds of accumulation: a script's number is " +
        "often that of one device. Rates and averages are per step. $UNMEASURED",
      "Ho et al. 2020, appendix B (128, not swept); $PITFALLS",
    ) {
      if (train.batchSize() == BATCH) null else Difference(batch(), "$BATCH")
    },
  )

private fun Subject.startInAverage(): Difference? {
  val ema = train.ema().firstOrNull()?.takeIf { it.use() == EmaOptions.Kind.CONSTANT } ?: return null
  val steps = train.steps() ?: train.images()?.let { it / train.batchSize() } ?: return null
  val share = ema.decay().pow(steps.toDouble())
  if (share < 0.01) return null
  val percent = "${short(100 * share)}% of the initial weights after ${count(steps)} steps"
  return Difference("decay ${realText(ema.decay())} keeps $percent", "none after 800,000")
}

private fun Subject.batch(): String {
  val size = train.batchSize()
  val rounds = size / train.microBatch()
  return if (rounds == 1) "$size" else "$size = ${train.microBatch()} a pass × $rounds passes × 1 device"
}
