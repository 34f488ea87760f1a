package io.github.diffusionhost.plugins.dit

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.assertions.withClue
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.math.abs

/** The golden numbers of the network, which lie beside the repository; names are relative to `fixtures/dit`. */
object Golden {
  private val folder: Path =
    (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
        ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
      .resolve("fixtures/dit")

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
