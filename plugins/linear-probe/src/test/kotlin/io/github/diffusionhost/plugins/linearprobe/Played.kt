package io.github.diffusionhost.plugins.linearprobe

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.ImageShape
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.MetricReport
import io.github.diffusionhost.api.metric.NetworkFeatures
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.random.HostNoise
import io.github.diffusionhost.engine.random.StagingBuffer
import io.github.diffusionhost.engine.random.Streams
import io.github.diffusionhost.engine.random.Streams.Purpose
import io.github.diffusionhost.engine.support.TinyScheduler
import java.io.IOException
import java.nio.file.Path
import java.util.function.Function
import kotlin.random.Random

/** Images of 4x4 pixels: row c of class c is bright on the left half, and every pixel is a little off. */
class Rows(
  private val count: Int,
  private val classes: Int = 4,
  private val seed: Int = 1,
  private val label: (Int) -> Int = { it % classes },
) : ImageDataset {
  override fun shape() = ImageShape(1, 4, 4)

  override fun size() = count

  override fun classNames() = List(classes) { "$it" }

  override fun read(index: Int, target: ByteArray, offset: Int) {
    val random = Random(seed * 1_000_003 + index)
    for (i in 0 until 16) {
      val bright = i / 4 == index % classes.coerceAtLeast(1) && i % 4 < 2
      target[offset + i] = (random.nextInt(40) + if (bright) 200 else 40).toByte()
    }
  }

  override fun label(index: Int) = label.invoke(index)

  override fun normalization(): PixelNormalization = PixelNormalization.SIGNED

  override fun mapped() = true
}

/** A network that is asked for nothing but its names. */
private class Named(private val names: List<String>) : Denoiser() {
  override fun predict(pass: Forward, x: NDArray, noiseCondition: NDArray, labels: NDArray?) =
    throw UnsupportedOperationException()

  override fun featureNames() = names
}

/** One look at features. */
class Look(val images: List<Float>, val noise: List<Float>, val level: Double)

/** An evaluation whose features are the noisy pixels themselves, as often as there are names. */
class PlayedEvaluation(
  private val manager: NDManager,
  private val train: ImageDataset,
  private val test: ImageDataset?,
  private val seed: Long = 0,
  private val names: List<String> = listOf("out_5", "out_6"),
  private val feature: (NDArray) -> NDArray = { it },
) : MetricContext {
  private val staging = StagingBuffer()
  val looks = mutableListOf<Look>()
  val progress = mutableListOf<Triple<String, Long, Long>>()

  override fun reference(split: Split): ImageDataset =
    if (split == Split.TRAIN) train else test ?: throw IOException("there is no folder test")

  override fun denoiser(): Denoiser = Named(names)

  override fun scheduler(): Scheduler = TinyScheduler

  override fun features(names: List<String>) =
    object : NetworkFeatures {
      override fun of(images: NDArray, noise: NDArray, level: Double): Map<String, NDArray> {
        looks += Look(images.toFloatArray().toList(), noise.toFloatArray().toList(), level)
        val seen = feature(TinyScheduler.at(level).seen(images, noise).reshape(images.shape[0], -1))
        return names.associateWith { seen }
      }

      override fun label() = "none"
    }

  override fun prediction() = throw UnsupportedOperationException()

  override fun manager() = manager

  override fun seed() = seed

  override fun noise(vararg place: Long): Noise =
    HostNoise.single(manager, staging, Streams.seed(seed, Purpose.METRIC, *place))

  override fun progress(what: String, done: Long, total: Long) {
    progress += Triple(what, done, total)
  }

  override fun dataFolder() = throw UnsupportedOperationException()

  override fun download(files: List<RemoteFile>) = throw UnsupportedOperationException()

  override fun script(file: Path) = throw UnsupportedOperationException()

  override fun script(file: Path, sha256: String) = throw UnsupportedOperationException()

  override fun tensors(file: Path) = throw UnsupportedOperationException()

  override fun <T : AutoCloseable> shared(type: Class<T>, make: Function<MetricContext, out T>) =
    throw UnsupportedOperationException()
}

fun options(vararg given: Pair<String, Any>): LinearProbeOptions =
  OptionsSpec.of(LinearProbeOptions.DEFAULTS).create(mapOf("batchSize" to 32, "learningRate" to 0.05) + given)

fun PlayedEvaluation.probe(options: LinearProbeOptions): MetricReport =
  LinearProbeProvider().create(options, this).use { it.report() }
