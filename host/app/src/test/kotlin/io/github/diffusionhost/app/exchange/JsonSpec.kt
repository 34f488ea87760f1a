package io.github.diffusionhost.app.exchange

import io.github.diffusionhost.app.words.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

class JsonSpec :
  FunSpec({
    val file = tempdir().toPath().resolve("a.json")

    fun read(text: String): Map<String, Any?> {
      file.writeText(text)
      return readJsonObject(file)
    }

    fun fault(text: String): String {
      file.writeText(text)
      return shouldThrow<UserError> { readJsonObject(file) }
        .message!!
        .also {
          it shouldStartWith "$file "
          it.lines().size shouldBe 1
        }
        .removePrefix("$file ")
    }

    test("values of every kind are read") {
      read(
        """
        {"a": null, "b": true, "c": false, "d": -12, "e": 1e-05, "f": 2.50, "g": "x\n\u00e9\"\\\/",
         "h": [1, [], {}], "i": {"j": 0}, "k": -Infinity, "l": Infinity, "m": 9223372036854775807}
        """
      ) shouldBe
        mapOf(
          "a" to null,
          "b" to true,
          "c" to false,
          "d" to -12L,
          "e" to 1e-5,
          "f" to 2.5,
          "g" to "x\né\"\\/",
          "h" to listOf(1L, listOf<Any>(), mapOf<String, Any>()),
          "i" to mapOf("j" to 0L),
          "k" to Double.NEGATIVE_INFINITY,
          "l" to Double.POSITIVE_INFINITY,
          "m" to Long.MAX_VALUE,
        )
    }

    for ((text, says) in
      mapOf(
        "" to "line 1: it ends too early",
        "[1]" to "line 1: it does not begin with {",
        "{\"a\": 1" to "line 1: it ends too early",
        "{\n\"a\": 1,\n\"a\": 2}" to "line 3: \"a\" is there twice",
        "{\"a\": 1} x" to "line 1: something follows the closing }",
        "{\"a\": 1,}" to "line 1: a name in quotes is expected",
        "{a: 1}" to "line 1: a name in quotes is expected",
        "{\"a\" 1}" to "line 1: : is expected",
        "{\"a\": [1 2]}" to "line 1: , is expected",
        "{\"a\": tru}" to "line 1: a value is expected",
        "{\"a\": NaN}" to "line 1: a value is expected",
        "{\"a\": 01}" to "line 1: , is expected",
        "{\"a\": -}" to "line 1: a number is malformed",
        "{\"a\": 9223372036854775808}" to "the number 9223372036854775808 is too large",
        "{\"a\": 1e999}" to "the number 1e999 is too large",
        "{\"a\": ${"1".repeat(1000)}}" to "a number has 1000 characters",
        "{\"a\": \"\\u12g4\"}" to "\\u needs four hexadecimal digits",
        "{\"a\": \"\\x\"}" to "\\x means nothing in a text",
        "{\"a\": \"\n\"}" to "a control character in a text",
        "{\"a\": " + "[".repeat(100_000) to "it is nested more than 32 deep",
        "{\"a\": ".repeat(100_000) to "it is nested more than 32 deep",
      )) {
      test("hostile or broken: ${text.take(30).replace("\n", " ")}") { fault(text) shouldContain says }
    }

    test("a file that is too large, not UTF-8, or not there") {
      file.writeBytes(ByteArray((16 shl 20) + 1) { ' '.code.toByte() })
      shouldThrow<UserError> { readJsonObject(file) }.message shouldBe "$file is larger than 16 MiB, which no config is"
      file.writeBytes(byteArrayOf('{'.code.toByte(), -1))
      shouldThrow<UserError> { readJsonObject(file) }.message shouldBe "$file, line 1: not UTF-8 text"
      val none = file.resolveSibling("none.json")
      shouldThrow<UserError> { readJsonObject(none) }.message shouldBe "$none: there is no such file"
    }

    test("floats are written as Python's repr writes them") {
      // From a Python 3 prompt.
      for ((value, text) in
        mapOf(
          0.0 to "0.0",
          -0.0 to "-0.0",
          1.0 to "1.0",
          0.1 to "0.1",
          0.02 to "0.02",
          1e-4 to "0.0001",
          1e-5 to "1e-05",
          1.5e-7 to "1.5e-07",
          -2.5e-10 to "-2.5e-10",
          1e15 to "1000000000000000.0",
          1e16 to "1e+16",
          1.2345e22 to "1.2345e+22",
          1e100 to "1e+100",
          5e-324 to "5e-324",
          1.7976931348623157e308 to "1.7976931348623157e+308",
          0.1 + 0.2 to "0.30000000000000004",
          2e-3 to "0.002",
          123456.789 to "123456.789",
          Double.NEGATIVE_INFINITY to "-Infinity",
        )) {
        pythonFloat(value) shouldBe text
      }
    }

    test("objects are written as Python's json.dumps(indent=2, sort_keys=True) writes them") {
      pythonJson(
        mapOf(
          "b" to listOf(1, "x", listOf<Any>()),
          "_a" to null,
          "B" to mapOf("z" to 1.0, "y" to true),
          "c" to "é\"\\\n",
          "d" to mapOf<String, Any>(),
        )
      ) shouldBe
        "{\n  \"B\": {\n    \"y\": true,\n    \"z\": 1.0\n  },\n  \"_a\": null,\n  \"b\": [\n    1,\n    \"x\",\n    []\n  ],\n" +
          "  \"c\": \"\\u00e9\\\"\\\\\\n\",\n  \"d\": {}\n}\n"
    }
  })
