package io.github.diffusionhost.app.evaluate

import io.github.diffusionhost.app.evaluate.record.EvaluatedWeights
import io.github.diffusionhost.engine.checkpoint.CheckpointState
import io.github.diffusionhost.engine.options.EmaOptions
import io.github.diffusionhost.engine.options.EmaOptions.Kind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class EvaluatedWeightsSpec :
  FunSpec({
    val averages = Kind.entries.map { EmaOptions(it, 0.99, 1.0, 0.75, 0.05) }

    for ((name, words) in
      mapOf(
        "model" to "model",
        "ema" to "ema (decay 0.99)",
        "ema-1" to "ema-1 (decay rising to 0.99)",
        "ema-2" to "ema-2 (decay rising to 0.99 by power 0.75)",
        "ema-3" to "ema-3 (power function, width 0.05)",
      )) {
      test("$name of a run says which average it is") { "${EvaluatedWeights.of(name, averages)}" shouldBe words }
    }

    test("an average that was made after the training has its own width") {
      val state = CheckpointState(3, 48, mapOf(), mapOf("ema.width" to 0.08, "ema.distance" to 0.01), mapOf())
      "${EvaluatedWeights.of("ema", averages, state)}" shouldBe "ema (power function, width 0.08)"
      "${EvaluatedWeights.of("model", averages, state)}" shouldBe "model"
    }
  })
