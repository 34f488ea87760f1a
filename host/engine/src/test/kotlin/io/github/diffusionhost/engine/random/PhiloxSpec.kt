package io.github.diffusionhost.engine.random

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.shouldBe

/** The known answers of the generator's authors: `kat_vectors` of Random123 (Salmon et al. 2011). */
class PhiloxSpec :
  FunSpec({
    fun words(c0: Long, c1: Long, c2: Long, c3: Long, k0: Long, k1: Long): List<String> {
      val pairs = LongArray(2)
      Philox.words(pairs, c0.toInt(), 1, c1.toInt(), c3 shl 32 or c2, k1 shl 32 or k0)
      return pairs.flatMap { listOf(it.toInt(), (it ushr 32).toInt()) }.map { "%08x".format(java.util.Locale.ROOT, it) }
    }

    test("philox4x32 in 10 rounds gives the published words") {
      words(0, 0, 0, 0, 0, 0) shouldBe listOf("6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8")
      val most = 0xffffffff
      words(most, most, most, most, most, most) shouldBe listOf("408f276d", "41c83b0e", "a20bc7c6", "6d5451fd")
      words(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0) shouldBe
        listOf("d16cfe09", "94fdcceb", "5001e420", "24126ea1")
    }

    test("blocks follow each other by their first word") {
      val together = LongArray(20)
      Philox.words(together, 5, 10, 3, 17, 29)
      for (block in 0 until 10) {
        val alone = LongArray(2)
        Philox.words(alone, 5 + block, 1, 3, 17, 29)
        together.slice(2 * block until 2 * block + 2) shouldBe alone.toList()
      }
      together.toList().shouldBeUnique()
    }
  })
