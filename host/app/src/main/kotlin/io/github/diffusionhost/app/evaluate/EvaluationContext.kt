package io.github.diffusionhost.app.evaluate

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.metric.MetricContext
import io.github.diffusionhost.api.metric.NetworkFeatures
import io.github.diffusionhost.api.metric.NetworkPrediction
import io.github.diffusionhost.api.metric.ScriptFunction
import io.github.diffusionhost.api.model.Denoiser
import io.github.diffusionhost.api.noise.Noise
import io.github.diffusionhost.api.scheduler.Scheduler
import io.github.diffusionhost.app.script.ScriptRunner
import io.github.diffusionhost.engine.files.Sha256
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import java.io.IOException
import java.nio.file.Path
import java.util.function.Function

/**
 * What a metric gets from the host while it runs.
 *
 * @param metric its name
 */
internal class EvaluationContext(
  private val evaluation: Evaluation,
  private val manager: NDManager,
  private val metric: String,
  private val follow: MetricFollower,
) : MetricContext {
  override fun reference(split: Split): ImageDataset = evaluation.reference(split)

  override fun denoiser(): Denoiser = evaluation.network().network.denoiser()

  override fun scheduler(): Scheduler = evaluation.network().network.scheduler()

  override fun features(names: List<String>): NetworkFeatures = evaluation.features(names)

  override fun prediction(): NetworkPrediction = evaluation.prediction()

  override fun manager(): NDManager = manager

  override fun seed(): Long = evaluation.seed

  override fun noise(vararg place: Long): Noise = evaluation.noise(*place)

  override fun progress(what: String, done: Long, total: Long) = follow.progress(metric, what, done, total)

  override fun dataFolder(): Path = evaluation.assembly.dataFolder

  override fun download(files: List<RemoteFile>) = evaluation.assembly.download(files)

  override fun script(file: Path): ScriptFunction = evaluation.assembly.scripts.open(file, manager, follow::check)

  override fun script(file: Path, sha256: String): ScriptFunction {
    val found = Sha256.of(file)
    if (found != sha256) throw IOException("$file is not the published file: its SHA-256 is $found, not $sha256")
    return ScriptRunner.HERE.open(file, manager, follow::check)
  }

  override fun tensors(file: Path): Map<String, NDArray> = SafetensorsFile.open(file).use { it.readAll(manager) }

  override fun <T : AutoCloseable> shared(type: Class<T>, make: Function<MetricContext, out T>): T =
    evaluation.shared(type) { make.apply(EvaluationContext(evaluation, evaluation.manager, metric, follow)) }
}
