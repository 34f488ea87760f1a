package io.github.diffusionhost.engine.batch

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private const val NOTHING = PartSequence.NOTHING

class PartSequenceSpec :
  FunSpec({
    /** What is foreseen after each of some parts: first image and number of images. */
    fun foreseen(batchSize: Int, vararg parts: Pair<Long, Int>): List<Long> =
      PartSequence(batchSize).let { sequence -> parts.map { (position, count) -> sequence.after(position, count) } }

    test("whole batches follow each other from the second on") {
      foreseen(8, 0L to 8, 8L to 8, 16L to 8) shouldContainExactly listOf(NOTHING, 16, 24)
    }

    test("parts follow each other within a batch, and across its end once they have") {
      foreseen(8, 0L to 4, 4L to 4, 8L to 4, 12L to 4) shouldContainExactly listOf(NOTHING, NOTHING, 12, 16)
    }

    test("parts of one batch that is taken again and again are foreseen as far as it goes") {
      foreseen(10, 0L to 4, 4L to 4, 8L to 2, 0L to 4, 4L to 4) shouldContainExactly
        listOf(NOTHING, 8, NOTHING, NOTHING, 8)
    }

    test("a part that is taken twice, or of a step far away, foresees nothing, and leaves what was foreseen") {
      foreseen(8, 0L to 8, 8L to 8, 8L to 2, 8L to 2, 800L to 8, 16L to 8) shouldContainExactly
        listOf(NOTHING, 16, NOTHING, NOTHING, NOTHING, 24)
    }

    test("a training that goes on from another step is followed from its second part on") {
      foreseen(8, 0L to 8, 8L to 8, 800L to 8, 808L to 8) shouldContainExactly listOf(NOTHING, 16, NOTHING, 816)
    }

    test("the last part of a batch has what is left of it") {
      PartSequence(10).count(8, 4) shouldBe 2
      PartSequence(10).count(10, 4) shouldBe 4
    }
  })
