package io.github.diffusionhost.engine.log

import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** The records of a TFRecord file, their checksums verified. */
fun records(file: ByteArray): List<ByteArray> {
  val buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN)
  return buildList {
    while (buffer.hasRemaining()) {
      val length = ByteArray(8).also(buffer::get)
      buffer.getInt() shouldBe masked(length)
      val data = ByteArray(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong().toInt()).also(buffer::get)
      buffer.getInt() shouldBe masked(data)
      add(data)
    }
  }
}

private fun masked(data: ByteArray): Int {
  val crc = crc32c(data)
  return (((crc shr 15) or (crc shl 17)) + 0xa282ead8L).toInt()
}

/** Castagnoli's polynomial, bit by bit. */
fun crc32c(data: ByteArray): Long {
  var crc = 0xffffffffL
  for (byte in data) {
    crc = crc xor (byte.toLong() and 0xff)
    repeat(8) { crc = if (crc and 1L == 1L) (crc shr 1) xor 0x82f63b78L else crc shr 1 }
  }
  return crc xor 0xffffffffL
}

/** A protobuf message: the last value of each field by number. */
class Message(bytes: ByteArray) {
  val fields: Map<Int, Any>

  init {
    val buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
    fields = buildMap {
      while (buffer.hasRemaining()) {
        val tag = buffer.varint().toInt()
        val value: Any =
          when (tag and 7) {
            0 -> buffer.varint()
            1 -> buffer.getDouble()
            2 -> ByteArray(buffer.varint().toInt()).also { buffer.get(it) }
            5 -> buffer.getFloat()
            else -> error("wire type ${tag and 7}")
          }
        put(tag shr 3, value)
      }
    }
  }

  fun varint(field: Int): Long = fields.getValue(field) as Long

  fun double(field: Int): Double = fields.getValue(field) as Double

  fun float(field: Int): Float = fields.getValue(field) as Float

  fun bytes(field: Int): ByteArray = fields.getValue(field) as ByteArray

  fun text(field: Int): String = bytes(field).decodeToString()

  fun message(field: Int): Message = Message(bytes(field))

  private fun ByteBuffer.varint(): Long {
    var result = 0L
    var shift = 0
    while (true) {
      val next = get().toLong()
      result = result or ((next and 0x7f) shl shift)
      if (next >= 0) return result
      shift += 7
    }
  }
}
