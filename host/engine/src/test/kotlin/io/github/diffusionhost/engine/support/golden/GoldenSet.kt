package io.github.diffusionhost.engine.support.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import java.nio.file.Path
import kotlin.io.path.readText

/** A set of golden numbers: safetensors files and what is to be known about them, in JSON files of the same name. */
class GoldenSet(private val title: String, private val find: (String) -> Path?) {
  /** Whether something of each name is in the set; names are without their ending. */
  fun has(vararg names: String): Boolean = names.all { name ->
    listOf("safetensors", "json").any { find("$name.$it") != null }
  }

  /** Whether the tensors of a name, if it has any, are there with all their values. */
  fun whole(name: String): Boolean {
    val file = find("$name.safetensors") ?: return true
    return SafetensorsFile.open(file).use { PackedValues.of(it.metadata()).whole }
  }

  /** A file by its name with the ending. */
  fun file(name: String): Path = checkNotNull(find(name)) { "no $name in $title" }

  fun tensors(manager: NDManager, name: String): Map<String, NDArray> =
    SafetensorsFile.open(file("$name.safetensors"))
      .use { it.readAll(manager) }
      .withDefault { error("no $it in $name of $title") }

  fun json(name: String): JsonObject = JsonParser.parseString(file("$name.json").readText()).asJsonObject

  /** Tensors of which some values are kept, or all. */
  fun sampled(manager: NDManager, name: String): SampledTensors {
    val notes = if (find("$name.json") == null) JsonObject() else json(name)
    return SafetensorsFile.open(file("$name.safetensors")).use { SampledTensors(it, notes, manager) }
  }

  override fun toString(): String = title
}
