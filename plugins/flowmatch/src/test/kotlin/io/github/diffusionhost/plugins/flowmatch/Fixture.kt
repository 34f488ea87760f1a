package io.github.diffusionhost.plugins.flowmatch

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import com.google.gson.JsonParser
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.math.abs

/** The tensors of a safetensors file of golden numbers. */
class Fixture(private val manager: NDManager, bytes: ByteArray) {
  private val buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
  private val headerSize = buffer.getLong(0).toInt()
  private val header = JsonParser.parseString(String(bytes, 8, headerSize)).asJsonObject

  val names: Set<String> = header.keySet() - "__metadata__"

  operator fun get(name: String): NDArray {
    val entry = header.getAsJsonObject(name)
    val shape = Shape(*entry.getAsJsonArray("shape").map { it.asLong }.toLongArray())
    val (start, end) = entry.getAsJsonArray("data_offsets").map { it.asInt }
    val data =
      buffer
        .duplicate()
        .order(ByteOrder.LITTLE_ENDIAN)
        .position(8 + headerSize + start)
        .limit(8 + headerSize + end)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN)
    return when (val type = entry.get("dtype").asString) {
      "F32" -> manager.create(FloatArray(data.remaining() / 4).also { data.asFloatBuffer().get(it) }, shape)
      "I64" -> manager.create(LongArray(data.remaining() / 8).also { data.asLongBuffer().get(it) }, shape)
      else -> error("$name has dtype $type")
    }
  }

  companion object {
    fun resource(manager: NDManager, path: String): Fixture =
      Fixture(manager, checkNotNull(Fixture::class.java.getResourceAsStream("/fixtures/$path")) { path }.readBytes())
  }
}

/** The largest absolute difference to the expected array is at most [tolerance]. */
fun NDArray.shouldBeWithin(tolerance: Double, expected: NDArray) = toFloatArray().shouldBeWithin(tolerance, expected)

fun FloatArray.shouldBeWithin(tolerance: Double, expected: NDArray) {
  val other = expected.toFloatArray()
  size shouldBe other.size
  val worst = indices.maxByOrNull { if (this[it].isNaN()) Float.MAX_VALUE else abs(this[it] - other[it]) } ?: return
  withClue("element $worst of $size is ${this[worst]}, expected ${other[worst]} within $tolerance") {
    (abs(this[worst].toDouble() - other[worst]) <= tolerance) shouldBe true
  }
}
