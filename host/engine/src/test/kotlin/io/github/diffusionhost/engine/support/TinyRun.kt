package io.github.diffusionhost.engine.support

import ai.djl.Device
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.api.scheduler.Sampler
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.log.MetricsRow
import io.github.diffusionhost.engine.network.Network
import io.github.diffusionhost.engine.optimize.OptimizerOptions
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.EmaOptions.Kind
import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.github.diffusionhost.engine.options.TrainOptions
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.sample.SamplePlan
import io.github.diffusionhost.engine.train.Evaluations
import io.github.diffusionhost.engine.train.RunDirectory
import io.github.diffusionhost.engine.train.TrainListener
import io.github.diffusionhost.engine.train.Trainer
import io.github.diffusionhost.engine.train.TrainingPlan
import java.nio.file.Path

fun tinyNetwork(
  manager: NDManager,
  seed: Long = 1,
  scheduler: Scheduler = TinyScheduler,
  denoiser: (Noise) -> Denoiser = ::TinyDenoiser,
): Network =
  Network.initialize(
    denoiser(HostNoise.single(manager, StagingBuffer(), seed)),
    scheduler,
    TINY_SHAPE,
    true,
    manager,
  )

fun ema(kind: Kind, decay: Double) = EmaOptions(kind, decay, 1.0, 0.75, 0.1)

/** A power-function average. */
fun ema(width: Double) = EmaOptions(Kind.POWER, 0.0, 1.0, 0.75, width)

fun tinyOptions(
  steps: Long,
  lr: Double = 1e-2,
  checkpointEvery: Int = 5,
  compile: Boolean = true,
  precision: TrainOptions.Precision = TrainOptions.Precision.FP32,
  batchSize: Int = 8,
  ema: List<EmaOptions> = listOf(ema(Kind.RAMP, 0.9), ema(Kind.CONSTANT, 0.99)),
  emaSnapshotEvery: Int = 0,
  sampleEvery: Cadence = Cadence.steps(10),
  keepLast: Int = 0,
  keepBest: Int = 1,
  noise: TrainOptions.NoiseSource = TrainOptions.NoiseSource.AUTO,
  optimizer: OptimizerOptions = OptimizerOptions(OptimizerOptions.Kind.ADAMW, lr, listOf(0.9, 0.999), 1e-8, 0.01, 0.0),
) =
  TrainOptions(
    null,
    null,
    steps,
    batchSize,
    4,
    precision,
    TrainOptions.Matmul.HIGHEST,
    compile,
    optimizer,
    LrScheduleOptions(LrScheduleOptions.Kind.COSINE, 5, 0.0, 0.0, 1, null, 0, null, null),
    1.0,
    0.2,
    noise,
    ema,
    3,
    sampleEvery,
    checkpointEvery.let { Cadence.steps(it.toLong()) },
    keepLast,
    keepBest,
    emaSnapshotEvery,
  )

/** A training in a folder, with everything that it is made of. */
class TinyRun(
  folder: Path,
  options: TrainOptions,
  listener: TrainListener = Quiet,
  scheduler: Scheduler = TinyScheduler,
  evaluations: Evaluations = Evaluations.NONE,
  realImages: Boolean = false,
  sampler: Sampler = TinyEuler.create(NoOptions()),
  device: Device = Device.cpu(),
  dataset: ImageDataset = CountingDataset(40),
) : AutoCloseable {
  private val manager = NDManager.newBaseManager(device, "PyTorch")
  private val data = TrainingImages.of(dataset, manager)
  val network = tinyNetwork(manager, scheduler = scheduler)
  val directory = RunDirectory(folder)
  val trainer: Trainer

  init {
    val samples = SamplePlan(sampler, 4, 2.0, listOf(0, 1, 2), 7)
    val plan = TrainingPlan(network, data, options, 5, samples, 6, realImages, "name: tiny\n", "tiny-1", mapOf())
    trainer = Trainer(plan, directory, evaluations, listener)
  }

  fun weights(): Map<String, List<Float>> = network.weights().values().mapValues { it.value.toFloatArray().toList() }

  fun liveArrays() = manager.managedArrays.size + network.manager().managedArrays.size

  override fun close() {
    trainer.close()
    data.close()
    manager.close()
  }
}

object Quiet : TrainListener {
  override fun started(done: Long, total: Long) = Unit

  override fun stepped(progress: TrainListener.Progress) = Unit

  override fun logged(row: MetricsRow) = Unit

  override fun sampled(file: Path) = Unit

  override fun unsampled(step: Long, fault: Throwable) = Unit

  override fun saved(checkpoint: Path) = Unit

  override fun evaluated(step: Long, values: Map<String, Double>) = Unit
}
