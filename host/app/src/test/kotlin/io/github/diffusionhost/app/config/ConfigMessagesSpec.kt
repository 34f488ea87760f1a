package io.github.diffusionhost.app.config

import io.github.diffusionhost.app.config.source.InvalidConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class ConfigMessagesSpec :
  FunSpec({
    val reader = RunConfigReader(FakeRegistry())

    for (row in OPTION_MESSAGES + RUN_MESSAGES + TEXT_MESSAGES) {
      test(row.what) {
        val request = ConfigRequest(plugins = row.plugins, settings = row.set)
        val error =
          shouldThrow<InvalidConfig> {
            if (row.yaml.isEmpty()) reader.read(request) else reader.read(row.yaml, "c.yaml", request)
          }
        error.errors.map { it.toString() } shouldContainExactly row.messages
      }
    }

    test("a message is the line that is printed") {
      val error = shouldThrow<InvalidConfig> { reader.read("name: *a", "c.yaml") }
      error.message shouldBe "c.yaml:1:7: no anchor &a before this"
    }
  })
