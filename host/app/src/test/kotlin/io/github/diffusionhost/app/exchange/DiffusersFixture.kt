package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import io.github.diffusionhost.engine.support.golden.Golden
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeText

private val GOLDEN = listOf(Golden.packed, Golden.full)

internal const val WEIGHTS = "diffusion_pytorch_model.safetensors"

/** A golden network without labels. */
internal const val PLAIN = "google_style"

/** The golden networks that are there; the largest is in the full set alone. */
internal val NETWORKS: List<String> =
  listOf("main", "class_cond", PLAIN).filter { name -> GOLDEN.any { it.has("unet/$name/config") } }

/** The folder of a golden network, as diffusers has written it. */
internal fun network(name: String = PLAIN): Path {
  val set = GOLDEN.first { it.has("unet/$name/config") }
  return listOf("config.json", WEIGHTS).map { set.file("unet/$name/$it").parent }.distinct().single()
}

/** A copy of a golden network's folder, to be broken. */
internal fun Path.unet(name: String = PLAIN): Path = apply {
  createDirectories()
  for (file in listOf("config.json", WEIGHTS)) network(name).resolve(file).copyTo(resolve(file), true)
}

/** The folder of a pipeline around a golden network. */
internal fun Path.pipeline(
  name: String = PLAIN,
  scheduler: Map<String, Any?> = mapOf("_class_name" to "DDPMScheduler"),
  index: Map<String, Any?> =
    mapOf(
      "_class_name" to "DDPMPipeline",
      "scheduler" to listOf("diffusers", scheduler["_class_name"]),
      "unet" to listOf("diffusers", "UNet2DModel"),
    ),
): Path = apply {
  resolve("unet").unet(name)
  resolve("scheduler/scheduler_config.json").createParentDirectories().writeText(pythonJson(scheduler))
  resolve("model_index.json").writeText(pythonJson(index))
}

/** The weights of a network's folder in two files and an index, of which [index] can make something else. */
internal fun Path.sharded(manager: NDManager, index: (Map<String, String>) -> Map<String, Any?> = { it }): Path =
  apply {
    val tensors = SafetensorsFile.open(resolve(WEIGHTS)).use { it.readAll(manager) }
    val parts = tensors.entries.chunked((tensors.size + 1) / 2)
    val map = mutableMapOf<String, String>()
    parts.forEachIndexed { i, part ->
      val file = "diffusion_pytorch_model-0000${i + 1}-of-00002.safetensors"
      SafetensorsWriter.write(resolve(file), part.associate { it.key to it.value }, mapOf("format" to "pt"))
      part.forEach { map[it.key] = file }
    }
    Files.delete(resolve(WEIGHTS))
    val content = mapOf("metadata" to mapOf("total_size" to 1), "weight_map" to index(map))
    resolve("$WEIGHTS.index.json").writeText(pythonJson(content))
  }
