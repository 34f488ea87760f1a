package io.github.diffusionhost.app.cli

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.writeText

/** Another provider than the config's: options that were given for the former one are named, once. */
class DroppedOptionsSpec :
  FunSpec({
    val config =
      tempdir().toPath().resolve("a.yaml").also {
        it.writeText(
          """
          model: { use: dit, layers: 3, width: 32, heads: 2, headSize: 16 }
          scheduler: { use: flowmatch, shift: none }
          dataset: { use: glyphs, count: 20 }
          sample: { sampler: heun, steps: 7, count: 9 }
          """
            .trimIndent()
        )
      }

    fun shown(vararg more: String) = inProcess("config", "show", "$config", *more)

    val model =
      "model is unet and not dit any more, whose options are dropped: model.layers, model.width, model.heads, model.headSize"
    for ((arguments, warning) in
      listOf(
        listOf("--set", "model.use=unet") to model,
        listOf("--plugins", "unet") to model,
        listOf("--set", "scheduler.use=ddpm") to
          "scheduler is ddpm and not flowmatch any more, whose options are dropped: scheduler.shift",
        listOf("--set", "dataset={use: none, shape: [1, 28, 28]}") to
          "dataset is none and not glyphs any more, whose options are dropped: dataset.count",
        listOf("--set", "sample.sampler=euler") to
          "sample.sampler is euler and not heun any more, whose options are dropped: sample.steps",
      )) {
      test("${arguments.joinToString(" ")} says which options are dropped") {
        val ended = shown(*arguments.toTypedArray())
        withClue(ended.err) { ended.exit shouldBe 0 }
        ended.err shouldContain warning
        ended.err.split("any more").size shouldBe 2
      }
    }

    test("another sampler with steps of its own drops nothing that anybody would miss") {
      val ended = shown("--set", "sample.sampler=euler", "--set", "sample.steps=5")
      ended.out shouldContain "steps: 5"
      ended.err shouldNotContain "dropped"
    }

    test("the same provider, and its options changed, drops nothing") {
      shown("--set", "model.use=dit", "--set", "model.layers=2", "--plugins", "dit").err shouldNotContain "dropped"
    }
  })
