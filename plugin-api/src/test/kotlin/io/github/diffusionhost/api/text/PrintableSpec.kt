package io.github.diffusionhost.api.text

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path

class PrintableSpec :
  FunSpec({
    test("what moves a terminal's cursor, ends a line or turns the direction of writing is written out") {
      Printable.name("a\u001b[31mb") shouldBe "a\\u001b[31mb"
      Printable.name("a\r\nb\tc\u0000") shouldBe "a\\u000d\\u000ab\\u0009c\\u0000"
      Printable.name("\u009b2J\u0085") shouldBe "\\u009b2J\\u0085"
      Printable.name("gnp\u202e.exe\u2066\u200f\u061c") shouldBe "gnp\\u202e.exe\\u2066\\u200f\\u061c"
      Printable.name("\u2028\u2029\ufeff\u200b") shouldBe "\\u2028\\u2029\\ufeff\\u200b"
      Printable.name("\ud800x") shouldBe "\\ud800x"
      Printable.name("tag \udb40\udc41") shouldBe "tag \\U000e0041"
    }

    test("words of every language stay") {
      for (word in listOf("größe", "画像", "الصور", "می\u200cخواهم", "👩\u200d🚀", "weights/block.0")) {
        Printable.name(word) shouldBe word
      }
    }

    test("a long name is cut between characters") {
      Printable.name("x".repeat(70_000)) shouldBe "x".repeat(60) + "…"
      Printable.name("x".repeat(60)) shouldBe "x".repeat(60)
      Printable.line("🚀🚀🚀", 2) shouldBe "🚀🚀…"
      Printable.path(Path.of("/a", "b\nc")) shouldBe "/a/b\\u000ac"
    }

    test("a message keeps its lines and its length") {
      Printable.message("one\n\ttwo\u001b]0;x\u0007\r\n") shouldBe "one\n\ttwo\\u001b]0;x\\u0007\\u000d\n"
      Printable.message("y".repeat(70_000)) shouldBe "y".repeat(70_000)
    }
  })
