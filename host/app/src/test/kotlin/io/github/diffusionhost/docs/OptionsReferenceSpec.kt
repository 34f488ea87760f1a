package io.github.diffusionhost.docs

import io.github.diffusionhost.app.cli.inProcess
import io.github.diffusionhost.app.run.REPOSITORY
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.io.path.readText

class OptionsReferenceSpec :
  FunSpec({
    test("docs/reference/OPTIONS.md is what the program says of its options") {
      val committed = REPOSITORY.resolve("docs/reference/OPTIONS.md").readText()
      val said = inProcess("config", "options")
      said.exit shouldBe 0
      said.err shouldBe ""
      said.out.lines().size shouldBeGreaterThan 300
      withClue("renew it: host/bin/host config options > docs/reference/OPTIONS.md") {
        committed.lines().zip(said.out.lines()).find { (before, now) -> before != now } shouldBe null
        committed.length shouldBe said.out.length
      }
    }
  })
