package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import java.nio.file.Path

/**
 * The tensors of one safetensors file, or of several that are the parts of one.
 *
 * @property where what messages call them
 * @property files the files that they lie in
 */
class TensorFiles
private constructor(
  val where: Path,
  val files: List<Path>,
  private val open: List<SafetensorsFile>,
  private val tensors: Map<String, Stored>,
) : AutoCloseable {
  private class Stored(val file: SafetensorsFile, val name: String)

  val names: Set<String>
    get() = tensors.keys

  fun shape(name: String): Shape = stored(name).let { it.file.tensors().getValue(it.name).shape() }

  /** @throws java.io.IOException if it cannot be read or holds no floating-point numbers */
  fun readFloat32(name: String, manager: NDManager): NDArray =
    stored(name).let { it.file.readFloat32(it.name, manager) }

  /** The same tensors under other names, in place of this, which need not be closed any more. */
  fun renamed(to: (String) -> String): TensorFiles {
    val renamed = LinkedHashMap<String, Stored>()
    for ((name, stored) in tensors) {
      val earlier = renamed.put(to(name), stored) ?: continue
      close()
      val both = "${printable(earlier.name)} and ${printable(stored.name)}"
      throw UserError("$where: $both are two names of one tensor")
    }
    return TensorFiles(where, files, open, renamed)
  }

  private fun stored(name: String) = tensors.getValue(name)

  override fun close() = open.forEach { it.close() }

  companion object {
    /** One file. */
    fun of(file: Path): TensorFiles {
      val tensors = SafetensorsFile.open(file)
      return TensorFiles(
        file,
        listOf(file),
        listOf(tensors),
        tensors.tensors().keys.associateWith { Stored(tensors, it) },
      )
    }

    /**
     * The files that an index names: `{"weight_map": {"tensor": "file"}}`, files beside the index.
     *
     * @throws UserError if the index and the files do not agree
     */
    fun ofIndex(index: Path): TensorFiles {
      val map = weightMap(index)
      val open = LinkedHashMap<String, SafetensorsFile>()
      try {
        for (file in map.values.toSortedSet()) open[file] = SafetensorsFile.open(index.resolveSibling(file))
        for ((tensor, file) in map) {
          if (tensor !in open.getValue(file).tensors()) {
            throw UserError("$index says that ${printable(tensor)} is in $file, and it is not; get both again")
          }
        }
        for ((file, tensors) in open) {
          val extra = tensors.tensors().keys.firstOrNull { map[it] != file } ?: continue
          throw UserError(
            "${index.resolveSibling(file)} holds ${printable(extra)}, of which $index does not know there"
          )
        }
        val stored = map.mapValues { (tensor, file) -> Stored(open.getValue(file), tensor) }
        return TensorFiles(index, open.keys.map(index::resolveSibling), open.values.toList(), stored)
      } catch (e: Exception) {
        open.values.forEach { it.close() }
        throw e
      }
    }

    private fun weightMap(index: Path): Map<String, String> {
      val map = readJsonObject(index)["weight_map"] as? Map<*, *>
      if (map.isNullOrEmpty()) throw UserError("$index has no weight_map that says which tensor is in which file")
      return map.entries.associate { (tensor, file) ->
        if (file !is String || !PLAIN_NAME.matches(file) || !file.endsWith(".safetensors")) {
          val name = if (file is String) "\"${printable(file)}\"" else "no text"
          throw UserError(
            "$index: the file of ${printable("$tensor")} is $name; a .safetensors file beside it is expected"
          )
        }
        "$tensor" to file
      }
    }

    private val PLAIN_NAME = Regex("[A-Za-z0-9_][A-Za-z0-9_.-]*")
  }
}
