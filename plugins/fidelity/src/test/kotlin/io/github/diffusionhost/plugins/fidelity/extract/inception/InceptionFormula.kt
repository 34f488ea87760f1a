package io.github.diffusionhost.plugins.fidelity.extract.inception

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.safetensors.SafetensorsWriter
import java.nio.ByteBuffer
import java.nio.file.Path
import java.util.zip.CRC32
import kotlin.math.sqrt

/** The weights and images of `inception_golden.py`: hashes of names and places. */
object InceptionFormula {
  /** Numbers from -1 to 1 in steps of 2⁻²³. */
  private fun draws(name: String, count: Int): FloatArray {
    val start = CRC32().apply { update(name.toByteArray()) }.value.toInt()
    return FloatArray(count) { i ->
      var h = i * 0x9E3779B1.toInt() + start
      h = (h xor (h ushr 15)) * 0x2C1B3C6D
      h = (h xor (h ushr 12)) * 0x297A2D39
      h = h xor (h ushr 15)
      ((h ushr 8).toDouble() / (1 shl 23) - 1).toFloat()
    }
  }

  private fun values(name: String, shape: Shape): FloatArray {
    val inputs = shape.size() / shape.get(0)
    val (middle, spread) =
      when (name.substringAfterLast('.')) {
        "running_mean" -> 0f to 0.1f
        "running_var" -> 1f to 0.5f
        "bias" -> 0f to if (name.startsWith("fc")) 1f else 0.1f
        else -> if (shape.dimension() == 1) 1f to 0.2f else 0f to sqrt(6.0 / inputs).toFloat()
      }
    return draws(name, Math.toIntExact(shape.size())).also { for (i in it.indices) it[i] = middle + spread * it[i] }
  }

  fun weights(manager: NDManager): Map<String, NDArray> =
    InceptionTensors.shapes(InceptionLayers.all()).mapValues { (name, shape) ->
      manager.create(values(name, shape), shape)
    }

  /** A file of the weights; [change] may change what is in it. */
  fun write(file: Path, change: (MutableMap<String, NDArray>, NDManager) -> Unit = { _, _ -> }): Path {
    NDManager.newBaseManager().use { manager ->
      val tensors = weights(manager).toMutableMap()
      change(tensors, manager)
      SafetensorsWriter.write(file, tensors, mapOf())
    }
    return file
  }

  /** Bytes of noise with a bright half: the left one, and in the second image the upper one. */
  fun images(name: String, n: Int, c: Int, h: Int, w: Int, manager: NDManager): NDArray {
    val draws = draws(name, n * c * h * w)
    val bytes =
      ByteArray(draws.size) { i ->
        val bright = if (i < c * h * w) i % w < w / 2 else i / w % h < h / 2
        val grey = draws[i] * 60 + 80
        (if (bright) grey + 100 else grey).toInt().toByte()
      }
    return manager.create(
      ByteBuffer.wrap(bytes),
      Shape(n.toLong(), c.toLong(), h.toLong(), w.toLong()),
      DataType.UINT8,
    )
  }
}
