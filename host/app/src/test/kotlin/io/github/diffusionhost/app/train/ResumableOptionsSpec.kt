package io.github.diffusionhost.app.train

import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.io.path.readText

class ResumableOptionsSpec :
  FunSpec({
    test("docs/guides/RUNS.md lists what may change, and nothing else") {
      val text = REPOSITORY.resolve("docs/guides/RUNS.md").readText()
      val table = text.substringAfter("### What may change").substringBefore("Each change is a line")
      val rows = table.lines().filter { it.startsWith("| `") }.map { it.substringAfter("| ").substringBefore(" |") }
      val keys = rows.flatMap { row -> Regex("`([^`]+)`").findAll(row).map { it.groupValues[1] } }
      keys.sorted() shouldBe ResumableOptions.KEYS.sorted()
    }
  })
