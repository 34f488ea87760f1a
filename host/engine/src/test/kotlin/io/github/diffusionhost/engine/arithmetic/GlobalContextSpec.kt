package io.github.diffusionhost.engine.arithmetic

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** The names of `at::Context`'s members are those of the libtorch that is brought along. */
class GlobalContextSpec :
  FunSpec({
    test("settings are those that were made last") {
      val context = GlobalContext()
      val before = context.tf32() to context.deterministic()
      try {
        for (value in listOf(true, false, true)) {
          context.allowTf32(value)
          context.deterministic(!value)
          GlobalContext().tf32() shouldBe value
          GlobalContext().deterministic() shouldBe !value
        }
      } finally {
        context.allowTf32(before.first)
        context.deterministic(before.second)
      }
    }
  })
