package io.github.diffusionhost.plugins.flowmatch

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.support.golden.Golden
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private val grids =
  mapOf(
    "dynamic" to SigmaSchedule.dynamic(196, 0.5, 1.15),
    "dynamic_train" to SigmaSchedule.dynamic(196, 0.5, 1.15),
    "shift_static" to SigmaSchedule.fixed(3.0),
    "noshift" to SigmaSchedule.unshifted(),
  )

class SigmaScheduleSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    for ((name, schedule) in grids) {
      test("the grid $name is that of diffusers") {
        val numbers = Golden.packed.tensors(manager, "flowmatch/sigmas")
        val timesteps = numbers.getValue("$name.timesteps")
        val sigmas = schedule.sigmas(timesteps.size().toInt())
        FloatArray(sigmas.size) { sigmas[it].toFloat() }.shouldBeWithin(1e-6, numbers.getValue("$name.sigmas"))
        FloatArray(sigmas.size - 1) { (1000 * sigmas[it]).toFloat() }.shouldBeWithin(1e-3, timesteps)
      }
    }

    test("mu is linear in the token count") {
      val byTokens = Golden.packed.json("flowmatch/sets").getAsJsonObject("calculate_shift")
      for ((tokens, mu) in byTokens.entrySet()) {
        val factor = SigmaSchedule.dynamic(tokens.toLong(), 0.5, 1.15).factor
        Math.log(factor) shouldBe (mu.asDouble plusOrMinus 1e-12)
      }
    }

    test("the shift of an array is the shift of its elements") {
      val schedule = SigmaSchedule.fixed(3.0)
      val u = floatArrayOf(0f, 0.001f, 0.3f, 0.5f, 0.999f, 1f)
      val expected = manager.create(FloatArray(u.size) { schedule.shift(u[it].toDouble()).toFloat() })
      schedule.shift(manager.create(u)).shouldBeWithin(1e-6, expected)
    }

    test("one step goes from noise to image at once") {
      SigmaSchedule.dynamic(196, 0.5, 1.15).sigmas(1) shouldBe doubleArrayOf(1.0, 0.0)
    }
  })
