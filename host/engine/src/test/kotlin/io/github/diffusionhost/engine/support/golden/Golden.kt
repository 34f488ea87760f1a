package io.github.diffusionhost.engine.support.golden

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.assertions.withClue
import io.kotest.core.test.Enabled
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.math.abs
import kotlin.math.sqrt

/** The golden numbers, which lie beside the repository; names are relative to `fixtures`. */
object Golden {
  private val folder: Path =
    (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
        ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
      .resolve("fixtures")

  val installed: Enabled =
    if (Files.isDirectory(folder)) Enabled.enabled
    else Enabled.disabled("no golden numbers in ${folder.toAbsolutePath().normalize()}")

  fun tensors(manager: NDManager, name: String): Map<String, NDArray> =
    SafetensorsFile.open(folder.resolve("$name.safetensors")).use { it.readAll(manager) }

  fun json(name: String): JsonObject = JsonParser.parseString(folder.resolve("$name.json").readText()).asJsonObject
}

/** The largest absolute difference to [expected] is at most [tolerance]. */
fun FloatArray.shouldBeWithin(tolerance: Double, expected: FloatArray) {
  size shouldBe expected.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${expected[i]} within $tolerance") {
      (abs(this[i].toDouble() - expected[i]) <= tolerance) shouldBe true
    }
  }
}

fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) =
  toFloatArray().shouldBeWithin(tolerance, expected.toFloatArray())

fun FloatArray.norm(): Double = sqrt(sumOf { it.toDouble() * it })

/** Tensors of which up to 601 elements are kept, with the norm of the whole. */
class SampledTensors(manager: NDManager, name: String) {
  val notes: JsonObject = Golden.json(name)
  private val values = Golden.tensors(manager, name)
  private val listing = notes.getAsJsonArray("tensors").map { it.asJsonObject }.associateBy { it["name"].asString }

  val names: Set<String>
    get() = values.keys

  fun l2(name: String): Double = listing.getValue(name)["l2"].asDouble

  fun absMax(name: String): Double = listing.getValue(name)["absmax"].asDouble

  /** The kept elements of [whole] are within [tolerance], and its norm relatively within [normTolerance]. */
  fun check(name: String, whole: FloatArray, tolerance: Double, normTolerance: Double) {
    val places =
      if (whole.size <= 601) whole.indices.toList() else (0..600).map { (it.toLong() * whole.size / 601).toInt() }
    FloatArray(places.size) { whole[places[it]] }.shouldBeWithin(tolerance, values.getValue(name).toFloatArray())
    val l2 = l2(name)
    whole.norm() shouldBe (l2 plusOrMinus maxOf(normTolerance * l2, tolerance * sqrt(whole.size.toDouble())))
  }
}
