package io.github.diffusionhost.plugins.flowmatch

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.safetensors.SafetensorsFile
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.math.abs

/** The golden numbers of a file among the test resources. */
fun golden(manager: NDManager, name: String): Map<String, NDArray> {
  val file = checkNotNull(SigmaScheduleSpec::class.java.getResource("/fixtures/flowmatch/$name.safetensors")) { name }
  return SafetensorsFile.open(Path.of(file.toURI()))
    .use { it.readAll(manager) }
    .withDefault { error("no $it in $name") }
}

/** The largest absolute difference to the expected array is at most [tolerance]. */
fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) = toFloatArray().shouldBeWithin(tolerance, expected)

fun FloatArray.shouldBeWithin(tolerance: Double, expected: NDArray) {
  val other = expected.toFloatArray()
  size shouldBe other.size
  for (i in indices) {
    withClue("element $i of $size is ${this[i]}, expected ${other[i]} within $tolerance") {
      (abs(this[i].toDouble() - other[i]) <= tolerance) shouldBe true
    }
  }
}
