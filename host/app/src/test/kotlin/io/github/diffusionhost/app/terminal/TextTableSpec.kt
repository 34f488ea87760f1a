package io.github.diffusionhost.app.terminal

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith

class TextTableSpec :
  FunSpec({
    test("columns are as wide as their longest cell, two spaces apart, and no line ends in spaces") {
      textTable(
        listOf("NAME", "VALUE", ""),
        listOf(listOf("fid", "12.5", "of  8"), listOf("a longer name", "1", "")),
      ) shouldBe "NAME           VALUE\nfid            12.5   of  8\na longer name  1\n"
    }

    test("a character of two columns counts as two") {
      textTable(listOf("A", "B"), listOf(listOf("画", "1"), listOf("ab", "2"))) shouldBe "A   B\n画  1\nab  2\n"
    }

    test("cells of any length stay whole, on one line and without control characters") {
      val long = "x".repeat(400)
      val row = textTable(listOf("A", "B"), listOf(listOf("two\nlines", long + "\u001b[31m"))).lines()[1]
      row shouldStartWith "two lines  $long"
      row shouldNotContain "\u001b"
    }
  })
