package io.github.diffusionhost.app.lint

import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.FakeRegistry
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.math.sqrt

/** Recipe R1, written out. */
private const val R1 =
  """
model:
  { use: unet, channels: [128, 256, 256, 256], attention: [1], inputNorm: none, firstNorm: group, downsample: conv, dropout: 0.1 }
scheduler:
  { use: ddpm, timesteps: 1000, schedule: linear, betaStart: 1e-4, betaEnd: 0.02, prediction: epsilon,
    variance: fixed-large, times: per-image }
dataset: { use: cifar, flip: true, labels: none }
train:
  steps: 800_000
  batchSize: 128
  precision: fp32
  optimizer: { use: adam, lr: 2e-4, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 }
  lrSchedule: { use: warmup-constant, warmupSteps: 5000, from: 0 }
  clipNorm: 1.0
  ema: [{ use: constant, decay: 0.9999 }]
sample: { sampler: ddpm, steps: 1000 }
"""

/** Changes of R1, and the rules that name them. */
private val DEPARTURES =
  mapOf(
    listOf("scheduler.timesteps=500", "scheduler.betaEnd=0.04") to listOf("timesteps"),
    listOf("scheduler.betaEnd=0.01") to listOf("terminal-signal"),
    listOf("scheduler.times=per-batch") to listOf("shared-time"),
    listOf("scheduler.prediction=sample") to listOf("prediction"),
    listOf("scheduler.variance=fixed-small") to listOf("variance"),
    listOf("sample.steps=50") to listOf("few-ancestral-steps"),
    listOf("scheduler.clipRange=0.5") to listOf("clip-range"),
    listOf("dataset.mean=0.5", "dataset.std=0.3081") to listOf("clip-range", "pixel-range"),
    listOf("dataset.mean=0", "dataset.std=1") to listOf("pixel-range"),
    listOf("dataset.flip=false") to listOf("flips"),
    listOf("model.firstNorm=batch") to listOf("batch-norm"),
    listOf("model.inputNorm=batch") to listOf("input-batch-norm"),
    listOf("model.attention=[]") to listOf("attention"),
    listOf("model.attention=[2]") to listOf("attention"),
    listOf("model.downsample=max-pool") to listOf("max-pool"),
    listOf("model.channels=[64, 128]") to listOf("width"),
    listOf("model.dropout=0") to listOf("dropout"),
    listOf("train.ema=[]") to listOf("no-ema"),
    listOf("train.ema.0.use=warmup") to listOf("ema-warm-up"),
    listOf("train.steps=10_000") to listOf("ema-remembers-start"),
    listOf("train.lrSchedule.use=cosine") to listOf("lr-decay"),
    listOf("train.optimizer.lr=1e-4") to listOf("lr"),
    listOf("train.precision=bf16") to listOf("precision"),
    listOf("train.clipNorm=0") to listOf("clip-norm"),
    listOf("train.clipNorm=5") to listOf("clip-norm"),
    listOf("train.batchSize=512", "train.microBatchSize=128") to listOf("batch"),
  )

/** Changes that do no harm, or none that is known. */
private val HARMLESS =
  listOf(
    "model.attention=[1, 2]",
    "model.headSize=64",
    "scheduler.timesteps=2000",
    "scheduler.schedule=cosine",
    "scheduler.weighting=min-snr",
    "sample.sampler=ddim",
    "train.microBatchSize=32",
    "train.ema.0.use=ramp",
    "train.optimizer.lr=2.5e-4",
    "train.lrSchedule.use=constant",
    "train.optimizer.use=adamw",
    "train.clipNorm=1.5",
    "train.logEvery=7",
    "dataset.labels=fine",
    "seed=3",
  )

private const val R3 = "model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"

private const val R4 = "model: {use: edm2-e}\nscheduler: {use: edm2}\ndataset: {use: glyphs, mean: 0.5, std: 0.5}\n"

class LintSpec :
  FunSpec({
    val koin = installed(tempdir().toPath())
    val reader = koin.get<RunConfigReader>()
    val lint = koin.get<Lint>()

    fun config(text: String, vararg settings: String): RunConfig =
      reader.read(text, "test", ConfigRequest(settings = settings.toList()))

    fun found(text: String, vararg settings: String, recipe: Recipe = Recipe.R1) =
      lint.findings(config(text, *settings), recipe)

    test("R1 departs from itself in nothing") { found(R1).shouldBeEmpty() }

    for ((settings, rules) in DEPARTURES) {
      test("R1 with ${settings.joinToString(" and ")} departs by ${rules.joinToString(" and ")}") {
        val findings = found(R1, *settings.toTypedArray())
        findings.map { it.rule } shouldContainExactly rules
        findings.forEach { finding ->
          // What is said can be told from what R1 has, and has an effect and a source.
          (finding.here == finding.recipe) shouldBe false
          finding.effect.endsWith(".") shouldBe true
          finding.source.isBlank() shouldBe false
        }
      }
    }

    test("every rule has a departure that it names") {
      (Recipe.R1.rules.map { it.name } - DEPARTURES.values.flatten().toSet()).shouldBeEmpty()
    }

    for (setting in HARMLESS) {
      test("R1 with $setting is R1 in all that matters") { found(R1, setting).shouldBeEmpty() }
    }

    test("what was chosen for CIFAR is not asked of digits") {
      found(
          R1,
          "dataset.use=mnist",
          "dataset.mean=0.5",
          "dataset.std=0.5",
          "model.dropout=0",
          "model.channels=[32, 64]",
        )
        .shouldBeEmpty()
    }

    test("the signal left at T is the root of the product of 1 - beta") {
      for ((steps, start, end) in listOf(Triple(250, 1e-4, 0.02), Triple(500, 1e-3, 0.03))) {
        val left = sqrt((0 until steps).fold(1.0) { p, t -> p * (1 - start - (end - start) * t / (steps - 1)) })
        val finding =
          found(R1, "scheduler.timesteps=$steps", "scheduler.betaStart=$start", "scheduler.betaEnd=$end").single {
            it.rule == "terminal-signal"
          }
        val said = Regex("signal (\\S+) left at T").find(finding.here)!!.groupValues[1].toDouble()
        said shouldBe (left plusOrMinus 0.005 * left)
        finding.effect shouldContain "x_T is not noise alone"
      }
    }

    test("betas scaled as a finding advises end in noise") {
      found(R1, "scheduler.timesteps=250").single { it.rule == "terminal-signal" }.effect shouldContain
        "betas 4 times as large as R1's, 0.0004 to 0.08"
      found(R1, "scheduler.timesteps=250", "scheduler.betaStart=0.0004", "scheduler.betaEnd=0.08").map {
        it.rule
      } shouldBe listOf("timesteps")
    }

    test("an average's warm-up is told in updates") {
      // 1 - (1 + s)^(-3/4) = 0.9999 at s = 10^(16/3) - 1 = 215,442.5
      found(R1, "train.ema.0.use=warmup").single().effect shouldContain "reaches 0.9999 after 215,443 updates"
    }

    test("what an average keeps of the start is told") {
      // 0.9999^10,000 = 0.36786
      found(R1, "train.steps=10_000").single().here shouldBe
        "decay 0.9999 keeps 36.8% of the initial weights after 10,000 steps"
    }

    test("a batch is told as it is made up") {
      found(R1, "train.batchSize=512", "train.microBatchSize=128").single().here shouldBe
        "512 = 128 a pass × 4 passes × 1 device"
    }

    test("pixels in [0, 1] are said to have half the contrast and not to be centred") {
      val finding = found(R1, "dataset.mean=0", "dataset.std=1").single()
      finding.here shouldBe "0 to 1"
      finding.effect shouldContain
        "Contrast is 0.5 times that of [-1, 1], so every noise level has 1/4 of the signal-to"
      finding.effect shouldContain "not centred"
      found(R1, "dataset.mean=0.5", "dataset.std=0.25").single { it.rule == "pixel-range" }.effect shouldNotContain
        "centred"
    }

    test("R3 departs from itself in nothing, and by its published quirks") {
      found(R3, recipe = Recipe.R3).shouldBeEmpty()
      found(
          R3,
          "scheduler.times=uniform",
          "scheduler.time=as-published",
          "model.positions=as-published",
          "scheduler.immiscible=true",
          "dataset.std=0.5",
          recipe = Recipe.R3,
        )
        .map { it.rule } shouldContainExactly Recipe.R3.rules.map { it.name }
      found(R3, "scheduler.offsetNoise=0.1", recipe = Recipe.R3).shouldBeEmpty()
    }

    test("R4 departs from itself in nothing, and by what its noise process is not made for") {
      found(R4, recipe = Recipe.R4).shouldBeEmpty()
      val findings = found(R4, "scheduler.uncertainty=none", "dataset.std=0.3081", recipe = Recipe.R4)
      findings.map { it.rule } shouldContainExactly Recipe.R4.rules.map { it.name }
      findings[1].here shouldBe "0.5 for pixels of -1.62 to 1.62"
      findings[1].effect shouldContain "For this range it would be 0.811."
      findings[2].here shouldBe "clipped to -1 to 1, of -1.62 to 1.62"
      found(R4, "dataset.std=0.3081", "scheduler.sigmaData=0.8", "sample.clip=false", recipe = Recipe.R4)
        .shouldBeEmpty()
    }

    test("rules pass over options that a plugin does not have, and a dataset that cannot be opened") {
      val fake =
        RunConfigReader(FakeRegistry())
          .read("model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: none, shape: [1, 8, 8]}\n", "fake")
      lint.findings(fake, Recipe.R1).map { it.rule } shouldContainExactly listOf("batch")
      lint.findings(fake, Recipe.R3).map { it.rule } shouldContainExactly listOf("pixel-range")
    }
  })
