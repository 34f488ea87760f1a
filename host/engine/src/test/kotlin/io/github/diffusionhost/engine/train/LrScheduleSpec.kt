package io.github.diffusionhost.engine.train

import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.github.diffusionhost.engine.options.LrScheduleOptions.Kind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

class LrScheduleSpec :
  FunSpec({
    class Row(
      val words: String,
      val kind: Kind,
      val warmup: Long,
      val from: Double,
      val to: Double,
      val expected: Map<Long, Double>,
    )

    listOf(
        Row("constant from the first step on", Kind.CONSTANT, 10, 0.0, 0.0, mapOf(0L to 1.0, 99L to 1.0)),
        Row(
          "warm-up from 0 starts with 0, as in diffusers",
          Kind.WARMUP_CONSTANT,
          10,
          0.0,
          0.0,
          mapOf(0L to 0.0, 5L to 0.5, 10L to 1.0, 99L to 1.0),
        ),
        Row("warm-up from a rate", Kind.WARMUP_CONSTANT, 10, 0.2, 0.0, mapOf(0L to 0.2, 5L to 0.6, 10L to 1.0)),
        Row("linear decay ends at the last step", Kind.LINEAR, 0, 0.0, 0.01, mapOf(0L to 1.0, 99L to 0.01)),
        Row("linear decay after a warm-up", Kind.LINEAR, 9, 0.0, 0.0, mapOf(9L to 1.0, 54L to 0.5, 99L to 0.0)),
        Row("cosine is half-way at half time", Kind.COSINE, 9, 0.0, 0.0, mapOf(9L to 1.0, 54L to 0.5, 99L to 0.0)),
        Row("cosine to a rate", Kind.COSINE, 0, 0.0, 0.1, mapOf(0L to 1.0, 99L to 0.1)),
        Row(
          "inverse square root",
          Kind.INVERSE_SQRT,
          0,
          0.0,
          0.0,
          mapOf(0L to 1.0, 20L to 1.0, 80L to 0.5, 99L to 1 / sqrt(99 / 20.0)),
        ),
        Row(
          "inverse square root with warm-up",
          Kind.INVERSE_SQRT,
          40,
          0.0,
          0.0,
          mapOf(0L to 0.0, 10L to 0.25, 80L to 0.5),
        ),
      )
      .forEach { row ->
        test(row.words) {
          val schedule = LrSchedule(LrScheduleOptions(row.kind, row.warmup, row.from, row.to, 20), 1.0, 100)
          row.expected.forEach { (step, lr) -> schedule.at(step) shouldBe (lr plusOrMinus 1e-12) }
        }
      }

    test("a training of one step has a rate") {
      LrSchedule(LrScheduleOptions(Kind.COSINE, 0, 0.0, 0.0, 20), 0.5, 1).at(0) shouldBe 0.5
    }
  })
