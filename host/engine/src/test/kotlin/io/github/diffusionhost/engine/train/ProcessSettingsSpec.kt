package io.github.diffusionhost.engine.train

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.io.path.readText

class ProcessSettingsSpec :
  FunSpec({
    val launcher = Path.of(System.getProperty("repository.root"), "host/bin/host")

    test("a process without the settings is told them, and one that has some the rest") {
      ProcessSettings.advice("Linux", mapOf()).get() shouldContain "MALLOC_TRIM_THRESHOLD_=17179869184"
      val some = ProcessSettings.advice("Linux", mapOf("MALLOC_TOP_PAD_" to "0")).get()
      some shouldContain "MALLOC_ARENA_MAX=1"
      some shouldNotContain "TOP_PAD"
    }

    test("elsewhere there is nothing to set") { ProcessSettings.advice("Mac OS X", mapOf()).isEmpty shouldBe true }

    test("the launcher sets every one of them to the same value") {
      val advice = ProcessSettings.advice("Linux", mapOf()).get()
      val settings = Regex("([A-Z_]+)=(\\d+)").findAll(advice).associate { it.groupValues[1] to it.groupValues[2] }
      settings.size shouldBe 5
      val script = launcher.readText()
      for ((name, value) in settings) script shouldContain "export $name=\"\${$name:-$value}\""
      ProcessSettings.advice("Linux", settings).isEmpty shouldBe true
    }
  })
