package io.github.diffusionhost.engine.support.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.fileSize
import kotlin.io.path.readText
import kotlin.math.abs
import kotlin.math.sqrt

/** The packed set is whole, small, and says what the full one says. */
class PackedSetSpec :
  FunSpec(
    body@{
      val folder = Path.of(System.getProperty("repository.root"), "host/engine/src/main/resources/golden")
      val inCheckout = folder.toAbsolutePath().normalize()

      // As the README says it; what is written is in the build's classes from the next build on.
      if (System.getProperty("golden.pack") != null) {
        test("the set is packed anew") { Packing(checkNotNull(Golden.installed), inCheckout).write() }
        return@body
      }

      fun names() =
        Packing.files(inCheckout).filter { it.extension == "gz" }.map { it.name(inCheckout).removeSuffix(".gz") }

      test("its files are those of the list, with their sums") {
        names().shouldNotBeEmpty()
        Packing.sums(inCheckout) shouldBe inCheckout.resolve(Packing.SUMS).readText()
      }

      test("all together are under 4 MB") {
        Packing.files(inCheckout).sumOf { it.fileSize() } shouldBeLessThan 4_000_000L
      }

      test("every file is in one row of the README's table, and every row has files") {
        val rows = PackedRow.of(inCheckout.resolve("README.md"))
        val stems = names().map { it.substringBeforeLast('.') }.distinct()
        for (stem in stems) withClue(stem) { rows.count { it.covers(stem) } shouldBe 1 }
        for (row in rows) withClue(row.pattern) { stems.any { row.covers(it) } shouldBe true }
      }

      test("every value is that of the full set").config(
        enabledOrReasonIf = { Golden.fullOr("there is nothing to compare with") }
      ) {
        val rows = PackedRow.of(inCheckout.resolve("README.md"))
        NDManager.newBaseManager().use { manager ->
          for (name in names()) {
            val stem = name.substringBeforeLast('.')
            withClue(name) {
              if (name.endsWith(".json")) checkNotes(stem, manager)
              else checkTensors(stem, rows.single { it.covers(stem) }.values, manager)
            }
          }
        }
      }
    }
  )

/** JSON is the full set's; where that has no norms, they are those of its tensors. */
private fun checkNotes(name: String, manager: NDManager) {
  val packed = Golden.packed.json(name)
  val full = if (Golden.full.has(name) && fullFile(name)) Golden.full.json(name) else JsonObject()
  if (packed.has("tensors") && !full.has("tensors")) {
    val tensors = Golden.full.tensors(manager, name)
    val listed = packed.remove("tensors").asJsonArray.map { it.asJsonObject }
    listed.map { it["name"].asString } shouldBe tensors.keys.toList()
    for (entry in listed) {
      val values = doubles(tensors.getValue(entry["name"].asString))
      val l2 = sqrt(values.sumOf { it * it })
      entry["numel"].asInt shouldBe values.size
      entry["l2"].asDouble shouldBe (l2 plusOrMinus 1e-12 * l2)
      entry["absmax"].asDouble shouldBe (values.maxOf(::abs) plusOrMinus 0.0)
    }
  }
  packed as JsonElement shouldBe full
}

private fun fullFile(name: String) = Files.exists(Golden.installed!!.resolve("$name.json"))

private fun checkTensors(name: String, kept: PackedValues, manager: NDManager) {
  val file = Golden.packed.file("$name.safetensors")
  if (kept.whole) {
    Files.mismatch(file, Golden.full.file("$name.safetensors")) shouldBe -1L
    return
  }
  SafetensorsFile.open(file).use { PackedValues.of(it.metadata()) shouldBe kept }
  val packed = Golden.packed.tensors(manager, name)
  val full = Golden.full.tensors(manager, name)
  packed.keys shouldBe full.keys
  val sampled = kept.every > 1 && fullFile(name) && Golden.full.json(name).has("tensors")
  for ((tensor, array) in packed) {
    withClue(tensor) {
      val whole = full.getValue(tensor)
      array.dataType shouldBe whole.dataType
      val places = if (kept.every > 1) flatPlaces(whole, kept.every, sampled) else pixelPlaces(whole, kept)
      val values = doubles(whole)
      doubles(array).contentEquals(places.map { values[it] }.toDoubleArray()) shouldBe true
    }
  }
}

/** Every so many'th of the values at floor(j·n/601), which are all that the full set has where it samples itself. */
private fun flatPlaces(whole: NDArray, every: Int, sampled: Boolean): List<Int> {
  val n = whole.size().toInt()
  if (sampled || n <= 601) return (0 until n step every).toList()
  return (0 until 601 step every).map { (it.toLong() * n / 601).toInt() }
}

/** Every so many'th row and column of images. */
private fun pixelPlaces(whole: NDArray, kept: PackedValues): List<Int> {
  val sizes = whole.shape.shape
  val all = (0 until whole.size().toInt()).toList()
  if (sizes.size < 4) return all
  val (height, width) = sizes.takeLast(2).map { it.toInt() }
  return all.filter { it / width % height % kept.rows == 0 && it % width % kept.columns == 0 }
}

private fun doubles(array: NDArray): DoubleArray =
  when (array.dataType) {
    DataType.INT64 -> array.toLongArray().map { it.toDouble() }.toDoubleArray()
    DataType.FLOAT32 -> array.toFloatArray().map { it.toDouble() }.toDoubleArray()
    else -> array.toDoubleArray()
  }
