package io.github.diffusionhost.plugins.ddpm

import ai.djl.ndarray.NDManager
import io.github.diffusionhost.engine.support.golden.golden
import io.github.diffusionhost.plugins.ddpm.process.NoiseSchedule
import io.github.diffusionhost.plugins.ddpm.samplers.DdpmSampler
import io.github.diffusionhost.testkit.RecordedNoise
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class AncestralStepSpec :
  FunSpec({
    val manager = NDManager.newBaseManager()
    afterSpec { manager.close() }

    golden("every ancestral step is the reference's", "ddpm/ancestral_step") { golden ->
      val numbers = golden.tensors(manager, "ddpm/ancestral_step")
      for (case in golden.json("ddpm/ancestral_step").getAsJsonArray("cases").map { it.asJsonObject }) {
        withClue(case) {
          val prefix = "case${case.get("case").asInt}"
          val t = case.get("t").asInt
          val options =
            options(
              "variance" to case.get("variance_type").asString.replace('_', '-'),
              "clipSample" to case.get("clip_sample").asBoolean,
              "prediction" to case.get("prediction_type").asString.removeSuffix("_prediction"),
            )
          val sampler = sampler("ddpm", options) as DdpmSampler
          val x = numbers.getValue("$prefix.x_t")
          val output = numbers.getValue("$prefix.model_output")
          val mix = NoiseSchedule.of(options).mix(t)
          val image = sampler.clipping().apply(options.prediction().image(x, output, mix))
          image.shouldBeScaledWithin(1e-4, numbers.getValue("$prefix.pred_original_sample"))
          val noise =
            RecordedNoise(
              *listOfNotNull(if (case.get("has_noise").asBoolean) numbers.getValue("$prefix.noise") else null)
                .toTypedArray()
            )
          val previous = sampler.step(x, output, t, t - 1, noise)
          previous.shouldBeScaledWithin(1e-5, numbers.getValue("$prefix.prev_sample"))
          noise.remaining() shouldBe 0
        }
      }
    }
  })
