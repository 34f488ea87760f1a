package io.github.diffusionhost.app.bench

import ai.djl.Device
import ai.djl.engine.Engine
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.pytorch.jni.JniUtils
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.app.bench.BenchReport.Environment
import io.github.diffusionhost.app.bench.BenchReport.Memory
import io.github.diffusionhost.app.bench.BenchReport.Roofline
import io.github.diffusionhost.app.bench.BenchReport.Sample
import io.github.diffusionhost.app.bench.BenchReport.Speed
import io.github.diffusionhost.app.bench.BenchReport.Start
import io.github.diffusionhost.app.bench.BenchReport.Train
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.run.RunAssembly
import io.github.diffusionhost.app.run.cpuModel
import io.github.diffusionhost.app.run.deviceBytes
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.run.nativeSettings
import io.github.diffusionhost.app.run.peakResidentBytes
import io.github.diffusionhost.app.run.secondsSinceStart
import io.github.diffusionhost.app.run.warnOfImitatedPrecision
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.bench.DevicePeak
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.data.TrainingImages
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.sample.SamplePlan
import java.util.Locale

/**
 * Measures how fast a config trains and samples.
 *
 * @param repeat how many blocks of steps are timed compiled and as many eager, in turn, and how often images are
 *   sampled
 * @param eager whether to time steps and sampling operation by operation
 * @param sampling whether to time sampling
 * @param say told what is measured next
 */
internal class Bench(
  private val assembly: RunAssembly,
  private val config: RunConfig,
  private val repeat: Int,
  private val eager: Boolean,
  private val sampling: Boolean,
  private val version: String,
  private val say: (String) -> Unit,
) {
  private val train = config.train

  /**
   * Measures everything.
   *
   * @param on the device that is used
   * @param gpuBytes what is taken of a GPU
   * @throws UserError if there is nothing to measure, or the config does not fit its dataset
   */
  fun run(on: () -> Device = ::device, gpuBytes: (Device) -> Long? = ::deviceBytes): BenchReport {
    if (!eager && !train.compile()) {
      throw UserError("train.compile is false: without eager steps there is nothing to measure", ExitCode.USAGE)
    }
    return NDManager.newBaseManager(on(), "PyTorch").use { manager ->
      assembly.openDataset(config, Split.TRAIN).use { dataset ->
        TrainingImages.of(dataset, manager).use { data -> measure(data, manager, gpuBytes) }
      }
    }
  }

  private fun device() = deviceOf(config.device, config.train.matmul())

  private fun measure(data: TrainingImages, manager: NDManager, gpuBytes: (Device) -> Long?): BenchReport {
    warnOfImitatedPrecision(train, manager)
    say("The first step ...")
    return trainee(data, manager, train.compile()).use { first ->
      first.warmUp(1)
      val start = Start(secondsSinceStart(), first.compileSeconds.takeIf { first.compiled != null })
      if (first.compiled == null && !eager) {
        throw UserError("the step cannot be compiled, and without eager steps there is nothing to measure")
      }
      val images = ImageSpec.of(data.dataset())
      // Made before the long part: labels or guidance that do not fit are refused at once.
      val plan = if (sampling) assembly.samplePlan(config, images, first.network) else null
      say("Training ...")
      first.warmUp(WARM_UP - 1)
      first.time(BLOCK)
      val memory =
        Memory(
          peakResidentBytes(),
          gpuBytes(manager.device),
          first.compiled?.memory()?.let(BenchReport.Planned::of),
        )
      val times = training(first, manager.device) { trainee(data, manager, compile = false) }
      val sample = plan?.let {
        say("Sampling ...")
        sample(SamplingTime(first.network, images, it, train.precision(), manager), it, first.compiled != null)
      }
      val roofline =
        first.compiled?.let {
          say("What the device can do ...")
          roofline(it.flops(), checkNotNull(times.compiled), manager)
        }
      BenchReport(config.name, start, times, sample, memory, roofline, environment(manager.device, first))
    }
  }

  private fun trainee(data: TrainingImages, manager: NDManager, compile: Boolean) =
    Trainee(assembly, config, data, manager, compile)

  /** Goes on from the first block of [first], with one that runs operation by operation in turn with it. */
  private fun training(first: Trainee, device: Device, another: () -> Trainee): Train {
    val other = if (first.compiled != null && eager) another() else null
    return other.use {
      it?.warmUp(WARM_UP)
      it?.time(BLOCK)
      repeat(repeat - 1) { _ ->
        first.time(BLOCK)
        it?.time(BLOCK)
      }
      val compiled = first.takeIf { it.compiled != null }
      val host = compiled?.takeIf { device == Device.cpu() }
      val fast = compiled?.let { speed(it) }
      val slow = (if (compiled == null) first else it)?.let { trainee -> speed(trainee) }
      Train(
        fast,
        slow,
        if (fast == null || slow == null) null else fast.imagesPerSecond / slow.imagesPerSecond,
        host?.let { 1 - it.nativeSeconds / it.seconds.sum() },
      )
    }
  }

  private fun speed(trainee: Trainee) = Speed.of(train.batchSize(), trainee.seconds)

  private fun sample(time: SamplingTime, plan: SamplePlan, compiled: Boolean): Sample {
    val count = config.sample.count()
    fun speed(compile: Boolean) = Speed.of(count, time.seconds(count, repeat, compile))
    return Sample(
      config.sampler.name,
      plan.steps(),
      plan.guidance(),
      count,
      if (compiled) speed(true) else null,
      if (eager) speed(false) else null,
    )
  }

  private fun roofline(flops: Long, speed: Speed, manager: NDManager): Roofline {
    val type = if (train.precision() == Precision.BF16) DataType.BFLOAT16 else DataType.FLOAT32
    val peak = DevicePeak(manager, type, PEAK_SECONDS)
    val products = peak.products()
    val convolutions = peak.convolutions()
    val reached = flops * speed.imagesPerSecond / train.batchSize()
    return Roofline(
      type.name.lowercase(Locale.ROOT),
      GIGA * flops,
      GIGA * reached,
      GIGA * products.flopsPerSecond,
      products.size,
      GIGA * convolutions.flopsPerSecond,
      convolutions.size,
      reached / products.flopsPerSecond,
    )
  }

  private fun environment(device: Device, trainee: Trainee) =
    Environment(
      "$device",
      cpuModel(),
      Runtime.getRuntime().availableProcessors(),
      JniUtils.getNumThreads(),
      "${System.getProperty("os.name")} ${System.getProperty("os.arch")}",
      System.getProperty("java.version"),
      Engine.getDjlVersion(),
      Engine.getEngine("PyTorch").version,
      version,
      train.batchSize(),
      trainee.microBatch,
      train.precision().name.lowercase(Locale.ROOT),
      trainee.network.parameterCount(),
      nativeSettings(System.getenv()),
    )

  companion object {
    /** Steps before the first that is timed. */
    const val WARM_UP = 3

    /** Steps of a block. */
    const val BLOCK = 5

    private const val PEAK_SECONDS = 1.0
    private const val GIGA = 1e-9
  }
}
