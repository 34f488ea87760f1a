package io.github.diffusionhost.app.config

import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.app.config.bind.Best
import io.github.diffusionhost.app.config.bind.BoundDataset
import io.github.diffusionhost.app.config.bind.BoundSampler
import io.github.diffusionhost.app.config.bind.NoDataset
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

private const val DIT = "model: {use: dit}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"
private const val UNET = "model: {use: unet}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}\n"

/** What a config says, from weak words to strong. */
class RunConfigSpec :
  FunSpec({
    val reader = RunConfigReader(FakeRegistry())
    fun read(yaml: String, vararg set: String, plugins: List<String> = emptyList()) =
      reader.read(yaml, "c.yaml", ConfigRequest(plugins = plugins, settings = set.toList()))
    fun dit(config: RunConfig) = config.model.options.shouldBeInstanceOf<DitOptions>()

    test("what nobody gives is the default of its options record") {
      val config = read(UNET)
      config.name shouldBe "unet-flowmatch-mnist"
      config.seed shouldBe 0
      config.device shouldBe DeviceChoice.Auto
      config.train shouldBe TrainOptions.DEFAULTS
      config.model.options shouldBe UNetOptions(128)
      config.dataset.shouldBeInstanceOf<BoundDataset<*>>().options shouldBe MnistOptions(0, null)
      config.metrics shouldBe emptyList()
    }

    test("the sampler is the scheduler's first, with its own number of steps") {
      val config = read(UNET)
      config.sample.sampler shouldBe "euler"
      config.sample.steps shouldBe 20
      config.sampler shouldBe BoundSampler("euler", NoOptions(false))
    }

    test("what a model recommends counts more than defaults and less than the file") {
      val config = read(DIT + "train: {optimizer: {weightDecay: 0}}")
      config.train.batchSize shouldBe 64
      config.train.optimizer.lr shouldBe 2e-3
      config.train.optimizer.weightDecay shouldBe 0.0
      config.train.steps shouldBe 1000
      config.train.epochs shouldBe null
      read(DIT + "train: {optimizer: {lr: 1}}").train.optimizer.lr shouldBe 1.0
    }

    test("a preset counts more than defaults and less than the keys beside it") {
      val config = read("model: {width: 64, use: dit, preset: small}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}")
      dit(config) shouldBe Dit().defaults().copy(patch = 4, width = 64, bias = false)
    }

    test("a group keeps what is not given, a list is replaced") {
      val config =
        read("model: {use: dit, mlp: {activation: silu}, levels: [7]}\nscheduler: {use: ddpm}\ndataset: {use: glyphs}")
      dit(config).mlp shouldBe MlpOptions(4f, "silu")
      dit(config).levels shouldContainExactly listOf(7)
    }

    test("--set counts more than the file, and the last one more than the first") {
      val config = read(DIT + "seed: 1\ntrain: {batchSize: 32}", "seed=2", "train.batchSize=8", "train.batchSize=16")
      config.seed shouldBe 2
      config.train.batchSize shouldBe 16
    }

    test("--set reaches elements of lists, also of default ones") {
      read(UNET, "train.ema.0.decay=0.5").train.ema shouldContainExactly
        listOf(EmaOptions(EmaOptions.Kind.CONSTANT, 0.5, 1.0, 0.75, 0.1))
      dit(read(DIT, "model.levels.1=9")).levels shouldContainExactly listOf(1, 9)
      read(UNET + "metrics: [{use: fid}]", "metrics.0.samples=7").metrics.single().samples shouldBe 7
      read(UNET + "metrics: [{use: fid}]", "metrics.fid.samples=7").metrics.single().samples shouldBe 7
    }

    test("--set takes lists and mappings") {
      read(UNET, "train.optimizer.betas=[0.5, 0.6]").train.optimizer.betas shouldContainExactly listOf(0.5, 0.6)
      read(UNET, "train.ema=[]").train.ema shouldBe emptyList()
      read(UNET, "train={batchSize: 3}").train.batchSize shouldBe 3
    }

    test("a length replaces the lengths of weaker sources") {
      val lengths = { config: RunConfig -> listOf(config.train.epochs, config.train.images, config.train.steps) }
      lengths(read(UNET + "train: {images: 500_000}")) shouldContainExactly listOf(null, 500_000L, null)
      lengths(read(UNET + "train: {images: 5}", "train.steps=40")) shouldContainExactly listOf(null, null, 40L)
      lengths(read(UNET, "train.steps=40", "train.epochs=1.5")) shouldContainExactly listOf(1.5, null, null)
      lengths(read(UNET + "train: {images: null, steps: 3, epochs: null}")) shouldContainExactly listOf(null, null, 3L)
    }

    test("another provider of --set or --plugins leaves the file's options for that role behind") {
      val yaml = "model: {use: dit, patch: 8}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}"
      read(yaml, "model.use=unet").model.options shouldBe UNetOptions(128)
      read(yaml, "model.width=4", "model.use=unet").model.options shouldBe UNetOptions(4)
      read(yaml, plugins = listOf("unet")).model.options shouldBe UNetOptions(128)
      dit(read(yaml, plugins = listOf("dit"))).patch shouldBe 8
    }

    test("a preset of --set starts from that preset") {
      val yaml = "model: {use: dit, patch: 8}\nscheduler: {use: flowmatch}\ndataset: {use: mnist}"
      dit(read(yaml, "model.heads=2", "model.preset=small")) shouldBe Dit().presets().getValue("small").copy(heads = 2)
    }

    test("another sampler leaves the options and steps of the one before behind") {
      val yaml = UNET + "sample: {sampler: heun, churn: 0.25, steps: 33, count: 3}"
      read(yaml).sampler shouldBe BoundSampler("heun", HeunOptions(0.25))
      read(yaml).sample.steps shouldBe 33
      val other = read(yaml, "sample.sampler=euler")
      other.sampler shouldBe BoundSampler("euler", NoOptions(false))
      other.sample.steps shouldBe 20
      other.sample.count shouldBe 3
    }

    test("--plugins alone is a complete run") {
      val config = reader.read(ConfigRequest(plugins = listOf("glyphs", "fid", "unet", "ddpm")))
      config.name shouldBe "unet-ddpm-glyphs"
      config.sample.steps shouldBe 1000
      config.metrics.single().options shouldBe FidOptions("classifier")
    }

    test("--plugins adds a role to a file, and a metric once") {
      val yaml =
        "model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {blackWhite: 3}\nmetrics: [{use: fid, samples: 9}]"
      val config = read(yaml, plugins = listOf("mnist", "fid"))
      config.dataset.shouldBeInstanceOf<BoundDataset<*>>().options shouldBe MnistOptions(3, null)
      config.metrics.map { it.samples } shouldContainExactly listOf(9)
    }

    test("how often is told in steps, images or epochs, and written as it was told") {
      val config =
        read(
          UNET +
            "train: {sampleEvery: 1 epoch, checkpointEvery: 50_000 images}\n" +
            "metrics: [{use: fid, everyImages: 0.5 epochs}]"
        )
      "${config.train.sampleEvery()}" shouldBe "1 epoch"
      config.train.checkpointEvery() shouldBe Cadence.images(50_000)
      "${config.metrics.single().everyImages}" shouldBe "0.5 epochs"
      val again = read(config.toYaml())
      again.train shouldBe config.train
      again.metrics shouldBe config.metrics
    }

    test("metrics have presets and options of their own") {
      val metric = read(UNET + "metrics:\n  - use: fid\n    preset: paper\n    everyImages: 500_000").metrics.single()
      metric.options shouldBe FidOptions("inception")
      metric.everyImages shouldBe Cadence.images(500_000)
      metric.samples shouldBe 10_000
      metric.best shouldBe null
    }

    test("a metric says which checkpoint is the best") {
      val metric = read(UNET + "metrics: [{use: fid, best: greatest, bestValue: fid-std}]").metrics.single()
      (metric.best to metric.bestValue) shouldBe (Best.GREATEST to "fid-std")
      Best.LEAST.order().compare(1.0, 2.0) shouldBe -1
      Best.GREATEST.order().compare(1.0, 2.0) shouldBe 1
    }

    test("no dataset, only the shape of an image") {
      val none =
        "model: {use: unet}\nscheduler: {use: ddpm}\ndataset: {use: none, shape: [1, 28, 27], classes: 12, std: 0.3081}"
      val config = read(none)
      config.dataset shouldBe NoDataset(ImageShape(1, 28, 27), 12, PixelNormalization(0.5f, 0.3081f))
      config.name shouldBe "unet-ddpm"
    }

    test("devices") {
      read(UNET + "device: cpu").device shouldBe DeviceChoice.Cpu
      read(UNET, "device=gpu").device shouldBe DeviceChoice.Gpu(emptyList())
      read(UNET, "device=gpu:0,1").device shouldBe DeviceChoice.Gpu(listOf(0, 1))
    }

    test("words are texts where a text is wanted, whatever else they could be") {
      read(UNET + "name: 2024").name shouldBe "2024"
      read(UNET + "name: no").name shouldBe "no"
      read(UNET + "name: \"null\"").name shouldBe "null"
    }

    test("an anchor may be used again") {
      val config = read(UNET + "train: {ema: [&e {decay: 0.9}, *e]}")
      config.train.ema.map { it.decay } shouldContainExactly listOf(0.9, 0.9)
    }

    test("every section of the contract's example is understood") {
      val config =
        read(
          """
          name: mnist-dit
          seed: 0
          device: auto
          model:     { use: dit, preset: mnist }
          scheduler: { use: flowmatch, times: logit-normal }
          dataset:   { use: mnist, blackWhite: 1000 }
          train:
            epochs: 300
            batchSize: 256
            microBatchSize: 256
            precision: bf16
            compile: true
            optimizer:  { use: adamw, lr: 2e-4, betas: [0.9, 0.999], weightDecay: 0.01 }
            lrSchedule: { use: warmup-constant, warmupSteps: 1000, from: 1e-6 }
            clipNorm: 2.0
            labelDropout: 0.0
            ema: [ { use: constant, decay: 0.9999 } ]
            logEvery: 50
            sampleEvery: 1000
            checkpointEvery: 5000
          sample:  { sampler: euler, steps: 20, count: 12, guidance: 1.0 }
          metrics: [ { use: fid, everyImages: 500_000, samples: 2000 } ]
          """
            .trimIndent()
        )
      config.train.precision shouldBe TrainOptions.Precision.BF16
      config.train.compile shouldBe true
      config.train.optimizer shouldBe OptimizerOptions.DEFAULTS
      config.train.lrSchedule shouldBe LrScheduleOptions.DEFAULTS
      config.metrics.single().everyImages shouldBe Cadence.images(500_000)
    }
  })
