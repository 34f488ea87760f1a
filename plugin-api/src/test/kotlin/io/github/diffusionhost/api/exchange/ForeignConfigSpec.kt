package io.github.diffusionhost.api.exchange

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class ForeignConfigSpec :
  FunSpec({
    fun config(vararg values: Pair<String, Any?>) = ForeignConfig("a.json", mapOf("_class_name" to "C", *values))

    fun fault(config: ForeignConfig) = shouldThrow<IllegalArgumentException> { config.requireUnderstood() }.message!!

    test("settings are read by kind, and defaults stand for absent ones") {
      val config =
        config(
          "flag" to true,
          "whole" to 7L,
          "real" to 0.5,
          "whole as real" to 3L,
          "text" to "abc",
          "texts" to listOf("a", "b"),
          "wholes" to listOf(1L, 2L),
          "reals" to listOf(1L, 0.25),
          "size" to listOf(4L, 8L),
          "edge" to 4L,
          "_note" to "of the library",
        )
      config.className() shouldBe "C"
      config.where() shouldBe "a.json"
      config.flag("flag", false) shouldBe true
      config.whole("whole", 1) shouldBe 7
      config.wholeOrNull("whole", 1) shouldBe 7
      config.real("real", 0.0) shouldBe 0.5
      config.real("whole as real", 0.0) shouldBe 3.0
      config.text("text", "") shouldBe "abc"
      config.texts("texts", listOf()) shouldBe listOf("a", "b")
      config.wholes("wholes", listOf()) shouldBe listOf(1, 2)
      config.reals("reals") shouldBe listOf(1.0, 0.25)
      config.wholeOrWholes("size") shouldBe listOf(4, 8)
      config.wholeOrWholes("edge") shouldBe listOf(4)
      config.choice("text", "x", mapOf("abc" to 1, "x" to 2)) shouldBe 1
      config.requireUnderstood()
      config.flag("no", true) shouldBe true
      config.whole("no", 9) shouldBe 9
      config.wholeOrNull("no", null) shouldBe null
      config.wholes("no", listOf(5)) shouldBe listOf(5)
      config.reals("no") shouldBe listOf()
      config.wholeOrWholes("no") shouldBe listOf()
      config.choice("no", "x", mapOf("abc" to 1, "x" to 2)) shouldBe 2
      config.requireUnderstood()
    }

    test("a null is a value: some settings take it") {
      val config = config("a" to null, "b" to null, "c" to null)
      config.has("a") shouldBe false
      config.wholeOrNull("a", 8) shouldBe null
      config.reals("b") shouldBe listOf()
      config.require("c", null, 3)
      config.requireUnderstood()
    }

    test("everything that is not understood is said at once") {
      val config =
        config(
          "flag" to "yes",
          "whole" to 1.5,
          "large" to 1L.shl(40),
          "shift" to "scale_shift",
          "factor" to 2L,
          "numbers" to listOf(1L, "two"),
          "new" to listOf("a"),
          "other" to null,
        )
      config.flag("flag", false) shouldBe false
      config.whole("whole", 4) shouldBe 4
      config.whole("large", 4) shouldBe 4
      config.choice("shift", "default", mapOf("default" to 0)) shouldBe 0
      config.require("factor", 1.0, null)
      config.reals("numbers") shouldBe listOf()
      config.refuse("both", "do not fit")
      fault(config) shouldBe
        "a.json (C) cannot be used: flag is \"yes\" and not true or false; whole is 1.5 and not a whole number; " +
          "large is 1099511627776 and not a whole number; shift is \"scale_shift\" (supported: \"default\"); " +
          "factor is 2 (supported: 1.0 or null); numbers is [1, \"two\"] and not a list of numbers; " +
          "both do not fit; new is unknown (it is [\"a\"]); other is unknown (it is null)"
    }

    test("whole and real numbers that are equal are the same") {
      val config = config("a" to 1L, "b" to 1.0, "c" to Double.NEGATIVE_INFINITY)
      config.require("a", 1.0)
      config.require("b", 1)
      config.require("c", Double.NEGATIVE_INFINITY)
      config.requireUnderstood()
    }

    test("an infinite number is no number, where one is asked for") {
      val config = config("a" to Double.POSITIVE_INFINITY)
      config.real("a", 2.0) shouldBe 2.0
      fault(config) shouldContain "a is Infinity and not a number"
    }

    test("settings that mean nothing are passed over when that is said") {
      val config = config("a" to 1L, "b" to 2L)
      config.ignore("a", "b", "c")
      config.requireUnderstood()
    }

    test("text from the file stays on one line and short") {
      val long = "x".repeat(500)
      fault(config("a\u001b[31m\n" to long)).let {
        it shouldContain "a\\u001b[31m\\u000a is unknown (it is \"${"x".repeat(60)}…\")"
        it.lines().size shouldBe 1
      }
    }

    test("a config without a class is none") {
      shouldThrow<IllegalArgumentException> { ForeignConfig("b.json", mapOf("x" to 1L)) }.message shouldBe
        "b.json does not say which class it is of: _class_name is missing"
    }
  })
