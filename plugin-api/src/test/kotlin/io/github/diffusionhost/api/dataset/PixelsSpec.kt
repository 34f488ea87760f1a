package io.github.diffusionhost.api.dataset

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import ai.djl.ndarray.types.Shape
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

class PixelsSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    for (normalization in
      listOf(PixelNormalization.SIGNED, PixelNormalization(0.5f, 0.3081f), PixelNormalization(0f, 1f))) {
      test("$normalization is (byte / 255 - mean) / std, and back without loss") {
        val all = ByteArray(256) { it.toByte() }
        val pixels = normalization.normalize(manager.create(ByteBuffer.wrap(all), Shape(1, 1, 16, 16), DataType.UINT8))
        pixels.toFloatArray().forEachIndexed { byte, pixel ->
          pixel.toDouble() shouldBe ((byte / 255.0 - normalization.mean) / normalization.std plusOrMinus 1e-6)
        }
        normalization.toBytes(pixels).toByteArray() shouldBe all
      }
    }

    test("pixels outside the range are clipped, and the pixels given are left alone") {
      val pixels = manager.create(floatArrayOf(-1.5f, 1.01f, 0f))
      PixelNormalization.SIGNED.toBytes(pixels).toByteArray().map { it.toInt() and 255 } shouldBe listOf(0, 255, 128)
      pixels.toFloatArray() shouldBe floatArrayOf(-1.5f, 1.01f, 0f)
    }

    test("a divisor that is not positive is refused") {
      shouldThrow<IllegalArgumentException> { PixelNormalization(0f, 0f) }
      shouldThrow<IllegalArgumentException> { PixelNormalization(0f, Float.NaN) }
    }

    test("an image has positive sizes and knows its bytes") {
      ImageShape(3, 4, 5).elements() shouldBe 60
      ImageShape(3, 4, 5).batch(2) shouldBe Shape(2, 3, 4, 5)
      shouldThrow<IllegalArgumentException> { ImageShape(0, 4, 5) }
      shouldThrow<ArithmeticException> { ImageShape(1000, 100_000, 100_000).elements() }
    }
  })
