package io.github.diffusionhost.plugins.fidelity

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.training.ParameterStore
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.NetworkFeatures
import io.github.diffusionhost.api.metric.NetworkPrediction
import io.github.diffusionhost.api.metric.ScriptFunction
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.model.Forward
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.script.ScriptFile
import io.github.diffusionhost.testkit.SeededNoise
import java.io.IOException
import java.nio.file.Path
import java.util.function.Function

/** An evaluation without a host. */
class TestContext(
  private val manager: NDManager,
  private val folder: Path,
  private val splits: Map<Split, ImageDataset>,
  private val denoiser: Denoiser? = null,
  private val scheduler: Scheduler? = null,
) : MetricContext, AutoCloseable {
  private val shared = mutableMapOf<Class<*>, AutoCloseable>()
  /** How many images networks from files were shown. */
  var imagesInScripts = 0L
  val steps = mutableListOf<String>()

  override fun reference(split: Split): ImageDataset =
    splits[split] ?: throw IOException("the dataset has no ${split.name.lowercase()} split")

  override fun denoiser(): Denoiser = denoiser!!

  override fun scheduler(): Scheduler = scheduler!!

  override fun features(names: List<String>): NetworkFeatures = throw UnsupportedOperationException()

  override fun prediction() =
    object : NetworkPrediction {
      override fun of(seen: NDArray, level: Double, labels: NDArray?): NDArray {
        val pass = Forward.of(ParameterStore(manager, false), false, noise())
        val told = FloatArray(seen.shape[0].toInt()) { scheduler!!.conditionAt(level).toFloat() }
        return denoiser!!.predict(pass, seen, manager.create(told), labels)
      }

      override fun precision() = "fp32"
    }

  override fun manager(): NDManager = manager

  override fun seed(): Long = 5

  override fun noise(vararg place: Long): Noise = SeededNoise(manager, place.fold(5L) { seed, it -> seed * 31 + it })

  override fun progress(what: String, done: Long, total: Long) {
    if (steps.lastOrNull() != what) steps += what
  }

  override fun dataFolder(): Path = folder

  override fun download(files: List<RemoteFile>) =
    throw IOException("no network: put ${files.single().mirrors().first()} at ${folder.resolve(files.single().path())}")

  override fun script(file: Path): ScriptFunction {
    val script = ScriptFile(file, manager)
    return object : ScriptFunction by script {
      override fun call(x: NDArray, vararg flags: Boolean): NDArray {
        imagesInScripts += x.shape[0]
        return script.call(x, *flags)
      }
    }
  }

  override fun script(file: Path, sha256: String): ScriptFunction = script(file)

  override fun tensors(file: Path): Map<String, NDArray> = SafetensorsFile.open(file).use { it.readAll(manager) }

  override fun <T : AutoCloseable> shared(type: Class<T>, make: Function<MetricContext, out T>): T =
    type.cast(shared.getOrPut(type) { make.apply(this) })

  override fun close() = shared.values.forEach(AutoCloseable::close)
}
