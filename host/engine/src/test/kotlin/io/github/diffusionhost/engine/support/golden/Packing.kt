package io.github.diffusionhost.engine.support.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.index.NDIndex
import com.google.gson.GsonBuilder
import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.HexFormat
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createParentDirectories
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isRegularFile
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.writeText
import kotlin.math.abs

/** Makes the packed set anew from the full one, as the table in its README says. */
class Packing(private val full: Path, private val packed: Path) {
  private val json = GsonBuilder().setPrettyPrinting().serializeSpecialFloatingPointValues().create()

  fun write() {
    files(packed).filter { it.extension == "gz" }.forEach { it.deleteIfExists() }
    val rows = PackedRow.of(packed.resolve("README.md"))
    for (name in files(full).map { it.name(full).substringBeforeLast('.') }.distinct()) {
      val row =
        rows.filter { it.covers(name) }.also { check(it.size <= 1) { "$name is in several rows" } }.firstOrNull()
      if (row != null) pack(name, row.values)
    }
    packed.resolve(SUMS).writeText(sums(packed))
  }

  private fun pack(name: String, values: PackedValues) {
    val tensors = full.resolve("$name.safetensors")
    val notes = full.resolve("$name.json")
    if (!values.whole && tensors.exists()) {
      NDManager.newBaseManager().use { manager ->
        val all = SafetensorsFile.open(tensors).use { it.readAll(manager) }
        val known = if (notes.exists()) JsonParser.parseString(notes.readText()).asJsonObject else JsonObject()
        val sampled = known.has("tensors")
        val kept = all.mapValues { (_, array) -> kept(array, values, sampled) }
        val file = createTempFile(suffix = ".safetensors")
        SafetensorsWriter.write(file, kept, values.metadata())
        zip(file.readBytes(), "$name.safetensors")
        file.deleteIfExists()
        if (values.every > 1 && !sampled) {
          known.add("tensors", listing(all))
          zip(json.toJson(known).toByteArray(), "$name.json")
          return
        }
      }
    } else if (tensors.exists()) {
      zip(tensors.readBytes(), "$name.safetensors")
    }
    if (notes.exists()) zip(notes.readBytes(), "$name.json")
  }

  private fun kept(array: NDArray, values: PackedValues, sampled: Boolean): NDArray {
    if (values.every > 1) {
      val flat = array.flatten()
      val places =
        if (sampled) (0 until flat.size().toInt()).toList() else SampledTensors.places(flat.size().toInt()).toList()
      val some = places.filterIndexed { i, _ -> i % values.every == 0 }
      return flat.get(array.manager.create(some.toIntArray()))
    }
    if (array.shape.dimension() < 4) return array
    return array.get(NDIndex("...,::${values.rows},::${values.columns}"))
  }

  /** What the full set's sampled tensors have beside them: sizes and norms of the whole ones. */
  private fun listing(all: Map<String, NDArray>) =
    JsonArray().apply {
      for ((name, array) in all) {
        val values = array.toFloatArray()
        val entry = JsonObject()
        entry.addProperty("name", name)
        entry.add("shape", json.toJsonTree(array.shape.shape))
        entry.addProperty("numel", values.size)
        entry.addProperty("l2", values.norm())
        entry.addProperty("absmax", values.maxOf { abs(it.toDouble()) })
        add(entry)
      }
    }

  private fun zip(content: ByteArray, name: String) {
    val target = packed.resolve("$name.gz").createParentDirectories()
    val stream =
      object : GZIPOutputStream(target.outputStream()) {
        init {
          def.setLevel(9)
        }
      }
    stream.use { it.write(content) }
  }

  companion object {
    const val SUMS = "SHA256SUMS"

    /** The text of a list that `sha256sum --check` reads. */
    fun sums(packed: Path): String =
      files(packed).filter { it.extension == "gz" }.joinToString("") { "${sha256(it)}  ${it.name(packed)}\n" }

    fun files(folder: Path): List<Path> =
      Files.walk(folder).use { all -> all.filter { it.isRegularFile() }.sorted().toList() }

    private fun sha256(file: Path) =
      HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file.readBytes()))
  }
}

/** A file's name below a folder. */
fun Path.name(folder: Path): String = relativeTo(folder).invariantSeparatorsPathString
