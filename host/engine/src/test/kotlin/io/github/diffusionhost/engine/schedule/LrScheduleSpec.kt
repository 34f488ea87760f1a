package io.github.diffusionhost.engine.schedule

import com.google.gson.JsonObject
import io.github.diffusionhost.engine.options.LrScheduleOptions
import io.github.diffusionhost.engine.options.LrScheduleOptions.Kind
import io.github.diffusionhost.engine.support.golden.Golden
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
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
          "warm-up, a stable rate, and a decay over the last tenth, which ends at the last step",
          Kind.WARMUP_STABLE_DECAY,
          10,
          0.0,
          0.1,
          mapOf(0L to 0.0, 5L to 0.5, 10L to 1.0, 90L to 1.0, 93L to 0.7, 99L to 0.1),
        ),
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
          val options = LrScheduleOptions(row.kind, row.warmup, row.from, row.to, 20, null, 0, null, null)
          val schedule = LrSchedule(options, 1.0, 100, 8, 80)
          row.expected.forEach { (step, lr) -> schedule.at(step) shouldBe (lr plusOrMinus 1e-12) }
        }
      }

    test("the decay after a stable rate has the length that is given, and begins after the warm-up") {
      fun at(decay: Long, warmup: Long, step: Long) =
        LrSchedule(
            LrScheduleOptions(Kind.WARMUP_STABLE_DECAY, warmup, 0.0, 0.0, 20, null, 0, null, decay),
            1.0,
            101,
            8,
            80,
          )
          .at(step)
      at(51, 0, 49) shouldBe 1.0
      at(51, 0, 75) shouldBe (0.5 plusOrMinus 1e-12)
      at(51, 0, 100) shouldBe (0.0 plusOrMinus 1e-12)
      at(2, 0, 99) shouldBe 1.0
      at(2, 0, 100) shouldBe (0.0 plusOrMinus 1e-12)
      // As long as all of it: a linear decay from the first step.
      at(1000, 0, 50) shouldBe (0.5 plusOrMinus 1e-12)
      at(101, 20, 10) shouldBe (0.5 plusOrMinus 1e-12)
    }

    test("a training of one step has a rate") {
      LrSchedule(LrScheduleOptions(Kind.COSINE, 0, 0.0, 0.0, 20, null, 0, null, null), 0.5, 1, 8, 80).at(0) shouldBe 0.5
    }

    test("a warm-up in images takes the place of the one in steps, for every shape") {
      // 60 images are 7.5 steps of 8.
      fun at(kind: Kind, step: Long) =
        LrSchedule(LrScheduleOptions(kind, 1000, 0.0, 0.0, 1000, 60, 0, null, null), 1.0, 108, 8, 80).at(step)
      for (kind in listOf(Kind.WARMUP_CONSTANT, Kind.LINEAR, Kind.COSINE, Kind.INVERSE_SQRT)) {
        at(kind, 3) shouldBe (0.4 plusOrMinus 1e-12)
        at(kind, 7) shouldBe (7 / 7.5 plusOrMinus 1e-12)
      }
      at(Kind.WARMUP_CONSTANT, 8) shouldBe 1.0
      at(Kind.LINEAR, 8) shouldBe (1 - 0.5 / 99.5 plusOrMinus 1e-12)
    }

    test("epochs are counted in images seen: a step that begins in one belongs to it") {
      // Epochs of 20 images are 2.5 steps of 8: they begin with steps 0, 3, 5, 8, 10, …
      val options = LrScheduleOptions(Kind.EPOCH_INVERSE_SQRT, 1000, 0.3, 0.0, 1, null, 2, 3.0, null)
      val schedule = LrSchedule(options, 1.0, 100, 8, 20)
      val expected = listOf(0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, sqrt(3 / 4.0))
      expected.forEachIndexed { step, lr -> schedule.at(step.toLong()) shouldBe (lr plusOrMinus 1e-12) }
      schedule.at(99) shouldBe (sqrt(3 / 39.0) plusOrMinus 1e-12)
    }

    test("the rates of NVlabs' EDM2, by images") {
      for (row in rows("nvlabs")) {
        val batch = row.number("batch_size").toInt()
        val images = row.number("cur_nimg").toLong()
        val rampup = (row.number("rampup_Mimg") * 1e6).toLong()
        val options =
          LrScheduleOptions(Kind.INVERSE_SQRT, 7, 0.0, 0.0, row.number("ref_batches").toLong(), rampup, 0, null, null)
        // Whole numbers of steps only: the trainer's images are steps times batch.
        if (images % batch == 0L) {
          val schedule = LrSchedule(options, row.number("ref_lr"), 1L shl 40, batch, 50_000)
          schedule.at(images / batch) shouldBe row.near("lr")
        }
      }
    }

    test("the rates of the EDM2 recipe for small datasets, by epochs") {
      for (row in rows("xfetus_by_epoch")) {
        val reference = row["tref_epoch"].takeUnless { it.isJsonNull }?.asDouble
        val options =
          LrScheduleOptions(
            Kind.EPOCH_INVERSE_SQRT,
            1000,
            1e-6,
            0.0,
            1,
            null,
            row.number("warm_epoch").toLong(),
            reference,
            null,
          )
        val epochs = row.number("n_epoch").toLong()
        // 500 steps an epoch; the first, one in the middle and the last have the same rate.
        val schedule = LrSchedule(options, row.number("lrate"), 500 * epochs, 100, 50_000)
        for (step in listOf(0, 250, 499)) {
          schedule.at(500 * row.number("epoch").toLong() + step) shouldBe row.near("lr")
        }
      }
    }
  })

private fun rows(name: String): List<JsonObject> {
  val all = Golden.packed.json("edm2/learning_rate").getAsJsonArray(name).map { it.asJsonObject }
  all.shouldNotBeEmpty()
  return all
}

private fun JsonObject.number(name: String) = get(name).asDouble

private fun JsonObject.near(name: String) = number(name).let { it plusOrMinus 1e-12 * it }
