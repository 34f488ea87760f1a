package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.api.dataset.PixelNormalization
import io.github.diffusionhost.api.exchange.ExchangedModel
import io.github.diffusionhost.api.exchange.ExchangedScheduler
import io.github.diffusionhost.api.files.Aside
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.BoundModel
import io.github.diffusionhost.app.config.bind.BoundScheduler
import io.github.diffusionhost.engine.data.ImageSpec
import io.github.diffusionhost.engine.files.AtomicFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import java.nio.file.Files
import java.nio.file.Path

/** Writes the folder of a DDPMPipeline: the same bytes for the same network. */
internal class DiffusersExport(private val exchanges: Exchanges) {
  /**
   * What the folder's configs will say.
   *
   * @throws io.github.diffusionhost.app.words.UserError if diffusers has no words for it
   */
  fun configs(config: RunConfig, images: ImageSpec): DiffusersConfigs {
    val labels = images.classes + if (images.classes > 0 && config.train.labelDropout() > 0) 1 else 0
    return DiffusersConfigs(model(config.model, images, labels), scheduler(config.scheduler, config))
  }

  /** What a person should know about a folder of such images; null if there is nothing. */
  fun caution(images: ImageSpec): String? =
    if (images.normalization == PixelNormalization.SIGNED) null
    else
      "the network sees pixels as (x - ${images.normalization.mean}) / ${images.normalization.std}, and diffusers' " +
        "pipelines as (x - 0.5) / 0.5: images made there have another contrast"

  private fun <O : Record> model(model: BoundModel<O>, images: ImageSpec, labels: Int) =
    exchanges.write(model) { ExchangedModel(it, images.shape, labels) }

  private fun <O : Record> scheduler(scheduler: BoundScheduler<O>, config: RunConfig) =
    exchanges.write(scheduler) { ExchangedScheduler(it, config.sampler.name, config.sampler.options) }

  /**
   * Writes the folder beside its place and moves it there when it is whole.
   *
   * @param out a folder that is not there, or empty
   * @param weights by the network's own names
   */
  fun write(out: Path, configs: DiffusersConfigs, weights: Map<String, NDArray>) {
    val place = out.toAbsolutePath().normalize()
    Files.createDirectories(place.parent)
    Aside.of(place).use { aside ->
      val folder = Files.createDirectory(aside.path())
      val unet = Files.createDirectory(folder.resolve(DiffusersFiles.UNET))
      val scheduler = Files.createDirectory(folder.resolve(DiffusersFiles.SCHEDULER))
      writeJson(folder.resolve(DiffusersFiles.MODEL_INDEX), configs.index())
      writeJson(unet.resolve(DiffusersFiles.UNET_CONFIG), configs.model)
      writeJson(scheduler.resolve(DiffusersFiles.SCHEDULER_CONFIG), configs.scheduler)
      // In the order of the reference library, which sorts; and with the mark of its tensors' origin.
      val file = unet.resolve(DiffusersFiles.WEIGHTS)
      SafetensorsWriter.write(file, weights.toSortedMap(), mapOf("format" to "pt"))
      Files.deleteIfExists(place)
      aside.moveIntoPlace()
      AtomicFile.forceFolder(place.parent)
    }
  }

  private fun writeJson(file: Path, values: Map<String, Any?>) =
    AtomicFile.write(file, pythonJson(values).toByteArray(Charsets.US_ASCII))
}

/** The configs of a pipeline's parts, each with its class and version. */
internal data class DiffusersConfigs(val model: Map<String, Any?>, val scheduler: Map<String, Any?>) {
  /** The content of model_index.json. */
  fun index(): Map<String, Any?> =
    mapOf(
      "_class_name" to "DDPMPipeline",
      "_diffusers_version" to model["_diffusers_version"],
      DiffusersFiles.SCHEDULER to listOf("diffusers", scheduler["_class_name"]),
      DiffusersFiles.UNET to listOf("diffusers", model["_class_name"]),
    )
}
