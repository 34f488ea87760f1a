package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.api.exchange.ForeignConfig
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.UserError
import java.nio.file.Files
import java.nio.file.Path

/** The pipelines that are a UNet and a scheduler and nothing else. */
private val PIPELINES = listOf("DDPMPipeline", "DDIMPipeline", "PNDMPipeline")

/** What diffusers takes where a folder says nothing: the class with its defaults. */
private val DEFAULT_SCHEDULER = mapOf("_class_name" to "DDPMScheduler")

/** Names of a folder that diffusers writes. */
internal object DiffusersFiles {
  const val MODEL_INDEX = "model_index.json"
  const val UNET = "unet"
  const val UNET_EMA = "unet_ema"
  const val SCHEDULER = "scheduler"
  const val UNET_CONFIG = "config.json"
  const val SCHEDULER_CONFIG = "scheduler_config.json"
  const val WEIGHTS = "diffusion_pytorch_model.safetensors"
  const val WEIGHTS_INDEX = "$WEIGHTS.index.json"
  const val PICKLE = "diffusion_pytorch_model.bin"
}

/**
 * A folder that diffusers has written: a pipeline's, or that of a network alone.
 *
 * @property unet the folder of the network
 * @property model the network's config
 * @property scheduler the scheduler's config, that of a DDPMScheduler where the folder has none
 */
internal class DiffusersFolder
private constructor(private val unet: Path, val model: ForeignConfig, val scheduler: ForeignConfig) {
  private val files = DiffusersWeights(unet, model.className())

  /**
   * Opens the weights; the caller closes them.
   *
   * @throws UserError if there are none
   */
  fun weights(): TensorFiles = files.open()

  /** What a person should know of the weights, a line each. */
  fun notes(): List<String> = listOfNotNull(files.note())

  companion object {
    /** Whether a folder looks like one that diffusers has written. */
    fun isOne(folder: Path): Boolean {
      fun has(name: String) = Files.exists(folder.resolve(name))
      val weights = with(DiffusersFiles) { listOf(WEIGHTS, WEIGHTS_INDEX, PICKLE) }
      return has(DiffusersFiles.MODEL_INDEX) || (has(DiffusersFiles.UNET_CONFIG) && weights.any(::has))
    }

    /** @throws UserError if it is no such folder, or a pipeline with other parts */
    fun open(folder: Path): DiffusersFolder {
      val index = folder.resolve(DiffusersFiles.MODEL_INDEX)
      if (Files.exists(index)) return pipeline(folder, index)
      val config = folder.resolve(DiffusersFiles.UNET_CONFIG)
      if (!Files.exists(config)) {
        val networks =
          listOf(DiffusersFiles.UNET, DiffusersFiles.UNET_EMA).map(folder::resolve).filter {
            Files.exists(it.resolve(DiffusersFiles.UNET_CONFIG))
          }
        throw UserError(
          "$folder has neither a ${DiffusersFiles.MODEL_INDEX} (a pipeline) nor a ${DiffusersFiles.UNET_CONFIG} (a " +
            "network); " +
            if (networks.isEmpty()) "name a folder that diffusers has written"
            else "a network is in ${networks.joinToString(" and another one in ")}: name that"
        )
      }
      return DiffusersFolder(folder, config(config), ForeignConfig("the default scheduler", DEFAULT_SCHEDULER))
    }

    private fun pipeline(folder: Path, index: Path): DiffusersFolder {
      val parts = readJsonObject(index)
      val name = parts["_class_name"]
      if (name !in PIPELINES) {
        throw UserError("$index: a ${printable("$name")} cannot be imported; ${PIPELINES.joinToString(" or ")} can")
      }
      val components = parts.filter { (key, value) -> !key.startsWith("_") && value != listOf(null, null) }
      val needed = setOf(DiffusersFiles.UNET, DiffusersFiles.SCHEDULER)
      if (components.keys != needed) {
        throw UserError("$index has ${words(components.keys)}; a pipeline of ${words(needed)} can be imported")
      }
      val model = config(folder.resolve(DiffusersFiles.UNET).resolve(DiffusersFiles.UNET_CONFIG))
      val scheduler = config(folder.resolve(DiffusersFiles.SCHEDULER).resolve(DiffusersFiles.SCHEDULER_CONFIG))
      requireClass(index, components[DiffusersFiles.UNET], model)
      requireClass(index, components[DiffusersFiles.SCHEDULER], scheduler)
      return DiffusersFolder(folder.resolve(DiffusersFiles.UNET), model, scheduler)
    }

    private fun requireClass(index: Path, said: Any?, config: ForeignConfig) {
      if (said != listOf("diffusers", config.className())) {
        val wanted = "[\"diffusers\", \"${printable(config.className())}\"]"
        throw UserError("$index does not say $wanted, which ${config.where()} is; which of them is right?")
      }
    }

    private fun config(file: Path): ForeignConfig =
      try {
        ForeignConfig("$file", withoutAverage(readJsonObject(file)))
      } catch (e: IllegalArgumentException) {
        throw UserError(e.message!!, cause = e)
      }

    private fun words(names: Set<String>) =
      names.sorted().joinToString(", ", transform = ::printable).ifEmpty { "no parts" }
  }
}

/**
 * What diffusers' `EMAModel` writes beside the settings of the network that it is an average of, in folders such as
 * `unet_ema`: how it was made, which the network does not depend on.
 */
private val AVERAGE_SETTINGS =
  setOf("decay", "min_decay", "optimization_step", "update_after_step", "use_ema_warmup", "inv_gamma", "power")

private fun withoutAverage(config: Map<String, Any?>): Map<String, Any?> =
  if (config.keys.containsAll(setOf("decay", "optimization_step"))) config - AVERAGE_SETTINGS else config
