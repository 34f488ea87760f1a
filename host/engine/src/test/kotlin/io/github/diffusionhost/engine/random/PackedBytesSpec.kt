package io.github.diffusionhost.engine.random

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

class PackedBytesSpec :
  FunSpec({
    for (count in listOf(0, 1, 7, 8, 9, 15, 16)) {
      test("$count bytes are put where they belong, and those around them stay") {
        val target = ByteBuffer.allocateDirect(20)
        PackedBytes.put(longArrayOf(0x0807060504030201, 0x100f0e0d0c0b0a09), count, target, 3)
        List(20) { target.get(it).toInt() } shouldBe List(20) { if (it - 3 in 0 until count) it - 2 else 0 }
      }
    }

    test("a pair of floats holds the first in its lower half") {
      val target = ByteBuffer.allocateDirect(8).order(java.nio.ByteOrder.LITTLE_ENDIAN)
      PackedBytes.put(longArrayOf(PackedBytes.pair(-1.5f, 2.25f)), 8, target, 0)
      target.getFloat(0) shouldBe -1.5f
      target.getFloat(4) shouldBe 2.25f
    }
  })
