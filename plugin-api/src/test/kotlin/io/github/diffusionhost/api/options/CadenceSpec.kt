package io.github.diffusionhost.api.options

import io.github.diffusionhost.api.options.Cadence.Unit.EPOCHS
import io.github.diffusionhost.api.options.Cadence.Unit.IMAGES
import io.github.diffusionhost.api.options.Cadence.Unit.STEPS
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

@JvmRecord
data class CadenceOptions(@Option("how often") val every: Cadence) {
  companion object {
    val DEFAULTS = CadenceOptions(Cadence.steps(3))
  }
}

class CadenceSpec :
  FunSpec({
    fun due(text: String, batch: Int, dataset: Long, steps: Int) =
      Cadence.parse(text, STEPS).let { every -> (1L..steps).filter { every.due(it, batch, dataset) } }

    test("numbers count what they are said to, or else what the option counts") {
      for ((text, written) in
        mapOf(
          "500" to "500",
          "1_000" to "1000",
          "5e3" to "5000",
          "1 step" to "1",
          "50_000 images" to "50000 images",
          "1 image" to "1 image",
          "1 epoch" to "1 epoch",
          "0.50 epochs" to "0.5 epochs",
          "100epochs" to "100 epochs",
          "0" to "0",
        )) {
        withClue(text) { Cadence.parse(text, STEPS).toString() shouldBe written }
        Regex(Cadence.PATTERN).matches(text) shouldBe true
        Cadence.parse(written, STEPS) shouldBe Cadence.parse(text, STEPS)
      }
      Cadence.parse("500", IMAGES) shouldBe Cadence.images(500)
      Cadence.parse("500 steps", IMAGES) shouldBe Cadence.steps(500)
    }

    test("what is no cadence is refused") {
      for (text in
        listOf("", "often", "-1", "1.5", "1.5 images", "5s", "1 eon", "1 epoch or so", "1e30", "NaN", "1 2")) {
        withClue(text) { shouldThrow<IllegalArgumentException> { Cadence.parse(text, STEPS) } }
      }
    }

    test("steps are counted, and images and epochs are due with the first step that has seen them") {
      due("3", 64, 1000, 10) shouldBe listOf(3L, 6L, 9L)
      due("100 images", 64, 1000, 8) shouldBe listOf(2L, 4L, 5L, 7L, 8L)
      due("10 images", 64, 1000, 3) shouldBe listOf(1L, 2L, 3L)
      // Epochs of 100 images end within steps 2, 4, 5, 7 and 8 of 64 images.
      due("1 epoch", 64, 100, 8) shouldBe listOf(2L, 4L, 5L, 7L, 8L)
      due("0", 64, 100, 1000) shouldBe listOf()
    }

    test("parts of an epoch are exact, however they are written") {
      // A tenth of 60,000 images in batches of 60 is 100 steps, although 0.1 is no binary number.
      due("0.1 epochs", 60, 60_000, 1000) shouldBe (1L..10L).map { it * 100 }
      due("0.3 epochs", 60, 60_000, 1000) shouldBe listOf(300L, 600L, 900L)
    }

    test("it is an option that says what it takes") {
      val spec = OptionsSpec.of(CadenceOptions.DEFAULTS)
      val option = spec.options().single()
      option.type() shouldBe OptionType.Every(STEPS)
      option.type().describe() shouldContain "a number of steps, or one with its word"
      spec.create(mapOf("every" to "2 epochs")).every shouldBe Cadence(2.toBigDecimal(), EPOCHS)
      spec.create(mapOf("every" to 7)).every shouldBe Cadence.steps(7)
      spec.create(mapOf("every" to Cadence.images(5))).every shouldBe Cadence.images(5)
    }
  })
