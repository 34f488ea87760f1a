package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.source.ConfigNode
import io.github.diffusionhost.app.config.source.Location
import io.github.diffusionhost.app.config.source.realText
import io.github.diffusionhost.app.config.source.toReal
import io.github.diffusionhost.app.config.source.toWhole
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.random.Random

private fun plain(text: String) = ConfigNode.Scalar(text, false, Location.BuiltIn("a test"))

class ScalarsSpec :
  FunSpec({
    test("whole numbers") {
      val rows =
        mapOf(
          "12" to 12L,
          "-3" to -3L,
          "+7" to 7L,
          "500_000" to 500_000L,
          "5e5" to 500_000L,
          "1.5e3" to 1500L,
          "2.0" to 2L,
          "9223372036854775807" to Long.MAX_VALUE,
          "-9223372036854775808" to Long.MIN_VALUE,
          "9223372036854775808" to null,
          "1e19" to null,
          "0.5" to null,
          "0e999999999" to 0L,
          "1e-999999999" to null,
          "1__0" to null,
          "_1" to null,
          "1_" to null,
          "0x10" to null,
          "" to null,
          "1 2" to null,
        )
      for ((text, number) in rows) plain(text).toWhole() shouldBe number
    }

    test("real numbers") {
      val rows =
        mapOf(
          "2e-4" to 2e-4,
          "1e-6" to 1e-6,
          "1_000.5" to 1000.5,
          ".5" to 0.5,
          "5." to 5.0,
          "-0.0" to -0.0,
          ".inf" to Double.POSITIVE_INFINITY,
          "-.Inf" to Double.NEGATIVE_INFINITY,
          "1e999" to null,
          ".nan" to null,
          "NaN" to null,
          "Infinity" to null,
          "1f" to null,
          "e5" to null,
          "." to null,
          "" to null,
        )
      for ((text, number) in rows) plain(text).toReal() shouldBe number
    }

    test("a number in quotes is a text") {
      ConfigNode.Scalar("1", true, Location.BuiltIn("a test")).toWhole() shouldBe null
      ConfigNode.Scalar("1", true, Location.BuiltIn("a test")).toReal() shouldBe null
    }

    test("every double is read back to the same bits") {
      val random = Random(1)
      repeat(20_000) {
        val value = Double.fromBits(random.nextLong())
        if (!value.isNaN()) plain(realText(value)).toReal()?.toRawBits() shouldBe value.toRawBits()
      }
    }

    test("every float is read back to the same bits") {
      val random = Random(2)
      repeat(20_000) {
        val value = Float.fromBits(random.nextInt())
        if (!value.isNaN()) plain(realText(value)).toReal()?.toFloat()?.toRawBits() shouldBe value.toRawBits()
      }
    }

    test("numbers are written so that YAML 1.1 takes them for numbers, too") {
      realText(1e-6) shouldBe "1.0e-6"
      realText(1e20) shouldBe "1.0e+20"
      realText(0.1f) shouldBe "0.1"
    }
  })
