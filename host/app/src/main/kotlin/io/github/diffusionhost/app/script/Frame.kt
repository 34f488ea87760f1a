package io.github.diffusionhost.app.script

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * The numbers of an array on their way between two processes of this machine.
 *
 * @param bytes of the numbers, in this machine's order
 */
internal class Frame private constructor(private val type: DataType, private val shape: Shape, bytes: ByteBuffer) {
  private val bytes = bytes.order(ByteOrder.nativeOrder())

  fun write(out: DataOutputStream) {
    out.writeUTF(type.name)
    out.writeInt(shape.dimension())
    shape.shape.forEach(out::writeLong)
    out.writeInt(bytes.remaining())
    val some = ByteArray(minOf(bytes.remaining(), SOME))
    while (bytes.hasRemaining()) {
      val count = minOf(bytes.remaining(), SOME)
      bytes.get(some, 0, count)
      out.write(some, 0, count)
    }
  }

  /** The array, with numbers of its own, where those of any other array lie: kernels may depend on that. */
  fun toArray(manager: NDManager): NDArray = manager.create(bytes, shape, type).use(NDArray::duplicate)

  /** Reads frames, each into the same memory: valid until the next one. */
  class Reader(private val input: DataInputStream) {
    private var memory = ByteBuffer.allocateDirect(SOME)

    /** @throws IOException if something else comes, or the end */
    fun read(): Frame {
      val type = type(input.readUTF())
      val dimensions = input.readInt()
      if (dimensions !in 0..MOST_DIMENSIONS) throw IOException("an array of $dimensions dimensions")
      val shape = Shape(*LongArray(dimensions) { input.readLong() })
      val size = input.readInt()
      if (size != size(type, shape)) throw IOException("$size bytes for $shape")
      if (memory.capacity() < size) memory = ByteBuffer.allocateDirect(size)
      val bytes = memory.duplicate().clear().limit(size)
      val some = ByteArray(minOf(size, SOME))
      while (bytes.hasRemaining()) {
        val count = minOf(bytes.remaining(), SOME)
        input.readFully(some, 0, count)
        bytes.put(some, 0, count)
      }
      return Frame(type, shape, bytes.flip())
    }

    private fun type(name: String) =
      DataType.entries.find { it.name == name } ?: throw IOException("no type of an array")
  }

  companion object {
    private const val MOST_DIMENSIONS = 64
    private const val SOME = 1 shl 16

    /** @throws IllegalStateException if it is larger than 2 GB, or of a type whose bytes the JVM does not know */
    fun of(array: NDArray): Frame {
      val (type, shape) = array.dataType to array.shape
      val size =
        checkNotNull(size(type, shape)) { "an array $shape is larger than the 2 GB that a process can be given" }
      val bytes = if (type == DataType.BFLOAT16) null else array.toByteBuffer(false)
      check(bytes?.remaining() == size) { "an array of type $type cannot be given to another process: use float32" }
      return Frame(type, shape, checkNotNull(bytes))
    }

    /** Null if it is too large. */
    private fun size(type: DataType, shape: Shape): Int? =
      try {
        Math.toIntExact(shape.shape.fold(type.numOfBytes.toLong(), Math::multiplyExact))
      } catch (_: ArithmeticException) {
        null // the caller says what is too large
      }
  }
}
