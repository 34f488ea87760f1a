package io.github.diffusionhost.app.selftest.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.model.ModelContext
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.api.scheduler.SchedulerContext
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.values
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer

/** The networks of recipe R3: HiDolen's transformer, as published. */
internal object GoldenDit {
  const val PREFIX = "transformer_model."

  fun config(subject: Subject): RunConfig =
    subject.config(
      "R3",
      """
      name: selftest-dit
      model: { use: dit, patch: 2, width: 64, layers: 2, heads: 4, headSize: 16, kvHeads: 1, theta: 100, timeSize: 32,
        classSize: 32, positions: as-published }
      scheduler: { use: flowmatch, time: as-published }
      dataset: { use: none, shape: [1, 12, 12], classes: 12 }
      train: { steps: 20, batchSize: 4, optimizer: { use: adamw, lr: 2e-4, weightDecay: 0.01 }, clipNorm: 2,
        lrSchedule: { use: warmup-constant, warmupSteps: 10, from: 1e-6 }, ema: [{ use: constant, decay: 0.99 }] }
      """
        .trimIndent(),
      "dit",
      "flowmatch",
    )

  fun network(subject: Subject, config: RunConfig, scheduler: Scheduler, manager: NDManager): Network =
    makeNetwork(config, ImageShape(1, 12, 12), 12, scheduler, manager).load(subject, "dit/weights", manager) {
      it.removePrefix(PREFIX)
    }

  fun batch(subject: Subject, manager: NDManager): GoldenNetwork {
    val io = subject.golden.tensors(manager, "dit/io")
    val expected = subject.golden.tensors(manager, "dit/expected")
    val x = unpacked(io.getValue("latents_noised"))
    val condition = io.getValue("model_t").toType(DataType.FLOAT32, false)
    val labels = io.getValue("class_idx")
    return GoldenNetwork(
      "transformer",
      network(subject, config(subject), TargetLoss, manager),
      GoldenNetwork.Inputs(x, condition, labels),
      unpacked(expected.getValue("$VARIANT.output")).values(),
      2e-4,
      ReplayedBatches(x.concat(unpacked(io.getValue("target")), 1), { labels }) { ReplayedNoise(condition) },
      x.shape[0].toInt(),
      expected.getValue("$VARIANT.loss").values()[0],
      subject.golden.sampled(manager, "dit/grads_$VARIANT"),
    ) {
      PREFIX + it
    }
  }

  /** Tokens "b (h w) (c p q)" as images "b c (h p) (w q)". */
  fun unpacked(tokens: NDArray): NDArray =
    tokens.reshape(-1, 6, 6, 1, 2, 2).transpose(0, 3, 1, 4, 2, 5).reshape(-1, 1, 12, 12)

  private const val VARIANT = "plutils_as_published"
}

/** Two networks of diffusers: recipes R1 and R2 in small. */
internal object GoldenUnet {
  fun batch(subject: Subject, manager: NDManager, name: String): GoldenNetwork {
    val io = subject.golden.tensors(manager, "unet/$name/io")
    val labels = io["class_labels"]
    val config =
      subject.config(
        "R1",
        """
        name: selftest-unet
        model: { use: unet, channels: [8, 16], attention: [1], layersPerBlock: 1, normGroups: 4, dropout: 0,
          ${if (labels == null) GOOGLE else CLASSES} }
        scheduler: { use: ddpm }
        dataset: { use: none, shape: [3, 8, 8], classes: ${if (labels == null) 0 else 10} }
        """
          .trimIndent(),
        "unet",
        "ddpm",
      )
    val x = io.getValue("x")
    val condition = io.getValue("t").toType(DataType.FLOAT32, false)
    val network = makeNetwork(config, imageShape(x), if (labels == null) 0 else 10, TargetLoss, manager)
    return GoldenNetwork(
      "U-Net, $name",
      network.load(subject, "unet/$name/diffusion_pytorch_model", manager) { it },
      GoldenNetwork.Inputs(x, condition, labels),
      io.getValue("output").values(),
      2e-5,
      ReplayedBatches(x.concat(io.getValue("target"), 1), labels?.let { { _ -> it } }) { ReplayedNoise(condition) },
      x.shape[0].toInt(),
      io.getValue("loss").values()[0],
      subject.golden.sampled(manager, "unet/$name/grads"),
    ) {
      it
    }
  }

  /** As in the two `config.json`. */
  private const val CLASSES = "headSize: 8, classConditional: true"
  private const val GOOGLE = "headSize: 0, flipSinToCos: false, freqShift: 1, downsamplePadding: 0, normEps: 1e-6"
}

/** The network of recipe R4, config C, with its trained uncertainty. */
internal object GoldenEdm2 {
  fun batch(subject: Subject, manager: NDManager): GoldenNetwork {
    val io = subject.golden.tensors(manager, "edm2/unet_c/io")
    val config =
      subject.config(
        "R4",
        """
        name: selftest-edm2
        model: { use: edm2-c, channels: [32, 32], attention: [1], blocks: 3, headSize: 0, dropout: 0 }
        scheduler: { use: edm2, preset: edm, uncertainty: plain }
        dataset: { use: none, shape: [3, 16, 16], classes: 0 }
        """
          .trimIndent(),
        "edm2-c",
        "edm2",
      )
    val images = io.getValue("images").mul(2).sub(1)
    val scheduler = config.scheduler.create(SchedulerContext(imageShape(images), startingNoise(manager)))
    val network = makeNetwork(config, imageShape(images), 0, scheduler, manager)
    val draws: (Long) -> Noise = { ReplayedNoise(io.getValue("sigma_normals").reshape(-1), io.getValue("noise")) }
    return GoldenNetwork(
      "EDM2, config C",
      network.load(subject, "edm2/unet_c/weights", manager, ::theirName),
      GoldenNetwork.Inputs(io.getValue("x"), io.getValue("c_noise"), null),
      io.getValue("output_eval").values(),
      2e-5,
      ReplayedBatches(images, null, draws),
      images.shape[0].toInt(),
      io.getValue("loss").values()[0],
      subject.golden.sampled(manager, "edm2/unet_c/grads_sampled"),
    ) {
      if (it.startsWith(UNCERTAINTY)) SCHEDULER + it.removePrefix(UNCERTAINTY) else it.removePrefix(NETWORK)
    }
  }

  private fun theirName(own: String) =
    if (own.startsWith(SCHEDULER)) UNCERTAINTY + own.removePrefix(SCHEDULER) else NETWORK + own

  private const val UNCERTAINTY = "reweight_mlp."
  private const val NETWORK = "nn_model."
  private const val SCHEDULER = "scheduler."
}

/** The network of a config under any scheduler; its first weights do not matter. */
private fun makeNetwork(
  config: RunConfig,
  shape: ImageShape,
  classes: Int,
  scheduler: Scheduler,
  manager: NDManager,
): Network {
  val context = ModelContext(shape, classes, false, scheduler.condition(), startingNoise(manager))
  return Network.initialize(config.model.create(context), scheduler, shape, classes > 0, manager)
}

internal fun startingNoise(manager: NDManager): Noise = HostNoise.single(manager, StagingBuffer(), 0)
