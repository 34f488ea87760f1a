package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.host
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** What `host selftest` starts processes for. */
class SelftestProcessesSpec :
  FunSpec({
    test("two processes on one device are right, and find the same") {
      val ended = host("selftest", "--device", "cpu", "--only", "processes", "--all")
      withClue(ended.out + ended.err) { ended.exit shouldBe 0 }
      ended.out shouldContain Regex("ok +processes +processes of two that fail +0 +0")
      ended.out shouldContain Regex("ok +processes +figures in which two differ +0 +0")
    }
  })
