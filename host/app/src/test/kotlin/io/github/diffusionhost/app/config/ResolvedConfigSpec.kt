package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldNotContainKey
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path

private const val DIT = "model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"
private const val UNET = "model: {use: unet}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"

/** A config as a run keeps it: every option, and again the same run. */
class ResolvedConfigSpec :
  FunSpec({
    val reader = RunConfigReader(FakeRegistry())
    fun read(yaml: String, vararg set: String, plugins: List<String> = emptyList()) =
      reader.read(yaml, "c.yaml", ConfigRequest(plugins = plugins, settings = set.toList()))
    fun dit(config: RunConfig) = config.model.options.shouldBeInstanceOf<DitOptions>()

    test("the resolved config holds every option") {
      val text = read(DIT).toYaml()
      text shouldBe
        """
        name: dit-flowmatch-mnist
        seed: 0
        device: auto
        model:
          use: dit
          patch: 2
          width: 256
          heads: 4
          positions: aligned
          initStd: 0.002
          bias: true
          levels: [1, 2]
          mlp:
            ratio: 4.0
            activation: gelu
          weights: null
        scheduler:
          use: flowmatch
          times: logit-normal
          shift: null
        dataset:
          use: mnist
          blackWhite: 0
          folder: null
        train:
          steps: 1000
          batchSize: 64
          microBatchSize: auto
          precision: fp32
          matmul: highest
          compile: true
          optimizer:
            use: adamw
            lr: 0.002
            betas: [0.9, 0.999]
            eps: 1.0e-8
            weightDecay: 0.01
            momentum: 0.0
          lrSchedule:
            use: warmup-constant
            warmupSteps: 1000
            from: 1.0e-6
            to: 0.0
            refSteps: 10000
            warmupImages: null
            warmupEpochs: 0
            refEpochs: null
            decaySteps: null
          clipNorm: 2.0
          labelDropout: 0.0
          noise: auto
          ema:
            - use: constant
              decay: 0.9999
              invGamma: 1.0
              power: 0.75
              width: 0.1
          logEvery: 50
          sampleEvery: 1000
          checkpointEvery: 5000
          keepLast: 0
          keepBest: 1
          emaSnapshotEvery: 0
        sample:
          nothing: false
          sampler: euler
          steps: 20
          count: 12
          guidance: 1.0
          labels: null
          realImages: false
        metrics: []
        """
          .trimIndent() + "\n"
    }

    test("averages and learning rates of EDM2 arrive as they were written") {
      val train =
        read(
            UNET +
              """
              train:
                optimizer: {use: adam, lr: 2e-2}
                lrSchedule: {use: epoch-inverse-sqrt, warmupEpochs: 200, refEpochs: 400, warmupImages: 10_000_000}
                ema: [{use: power, width: 0.05}, {use: warmup, decay: 0.9993, power: 0.6666666666666666}]
                emaSnapshotEvery: 4096
              """
                .trimIndent()
          )
          .train
      train.lrSchedule shouldBe
        LrScheduleOptions(
          LrScheduleOptions.Kind.EPOCH_INVERSE_SQRT,
          1000,
          1e-6,
          0.0,
          10_000,
          10_000_000,
          200,
          400.0,
          null,
        )
      train.ema shouldContainExactly
        listOf(
          EmaOptions(EmaOptions.Kind.POWER, 0.9999, 1.0, 0.75, 0.05),
          EmaOptions(EmaOptions.Kind.WARMUP, 0.9993, 1.0, 2.0 / 3, 0.1),
        )
      train.emaSnapshotEvery shouldBe 4096
    }

    val runs =
      mapOf(
        "defaults" to read(UNET),
        "a recommended training" to read(DIT),
        "a preset" to read("model: {use: dit, preset: small}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}"),
        "odd numbers" to
          read(
            DIT,
            "seed=-9223372036854775808",
            "model.initStd=0.1234567890123456789",
            "model.mlp.ratio=0.7000001",
            "train.optimizer.lr=4.9e-324",
            "train.clipNorm=1.7976931348623157e308",
            "train.epochs=0.3333333333333333",
            "scheduler.shift=.inf",
          ),
        "odd texts" to read(DIT, "model.weights='a: #b \"c\" \\ é\u0085'", "name=\"null\""),
        "lists" to
          read(
            UNET,
            "train.ema=[]",
            "sample.labels=[3, 1]",
            "sample.sampler=heun",
            "sample.churn=0.125",
            "device=gpu:0,3",
          ),
        "metrics" to
          read(
            UNET +
              "metrics: [{use: fid, preset: paper, samples: 3}, {use: fid, everyImages: 5, best: least, bestValue: fid}]"
          ),
        "no dataset" to
          read(
            "model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: none, shape: [1, 2, 3], mean: 0.1, std: 0.3}"
          ),
      )
    for ((what, config) in runs) {
      test("the resolved config repeats the run: $what") {
        val again = read(config.toYaml())
        again.copy(sampler = config.sampler) shouldBe config
        again.sampler shouldBe config.sampler
        again.toYaml() shouldBe config.toYaml()
      }
    }

    test("odd values arrive as they were written") {
      val config = runs.getValue("odd numbers")
      config.seed shouldBe Long.MIN_VALUE
      config.train.optimizer.lr shouldBe Double.MIN_VALUE
      config.train.clipNorm shouldBe Double.MAX_VALUE
      dit(config).mlp.ratio shouldBe 0.7000001f
      config.scheduler.options shouldBe FlowMatchOptions(Times.LOGIT_NORMAL, Double.POSITIVE_INFINITY)
      dit(runs.getValue("odd texts")).weights shouldBe Path.of("a: #b \"c\" \\ é\u0085")
    }

    test("a resolved config can still be changed by --set") {
      val text = read(DIT + "sample: {sampler: heun, churn: 0.25}").toYaml()
      read(text, "train.epochs=2").train.steps shouldBe null
      read(text, "sample.sampler=euler").sample.steps shouldBe 20
      dit(read(text, "model.preset=small")).patch shouldBe 4
    }

    test("the lengths that do not count are left out") {
      val train = read(UNET, "train.steps=3").resolved()["train"].shouldBeInstanceOf<ConfigNode.Mapping>()
      train.entries shouldNotContainKey "epochs"
    }
  })
