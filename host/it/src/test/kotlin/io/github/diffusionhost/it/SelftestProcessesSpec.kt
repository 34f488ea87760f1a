package io.github.diffusionhost.it

import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.host
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.listDirectoryEntries
import kotlin.time.Duration.Companion.seconds

/** What `host selftest` starts processes for. */
class SelftestProcessesSpec :
  FunSpec({
    test("two processes on one device are right, and find the same") {
      val ended = host("selftest", "--device", "cpu", "--only", "processes", "--all")
      withClue(ended.out + ended.err) { ended.exit shouldBe 0 }
      ended.out shouldContain Regex("ok +processes +processes of two that fail +0 +0")
      ended.out shouldContain Regex("ok +processes +figures in which two differ +0 +0")
    }

    test("its processes end with it, and what it leaves behind goes with the next one") {
      val temporary = tempdir().toPath()
      val flag = "-Djava.io.tmpdir=$temporary"
      fun left() = temporary.listDirectoryEntries(".diffusionhost-selftest*").size
      fun processes() =
        ProcessHandle.allProcesses().filter { flag in it.info().arguments().orElse(arrayOf()) }.count().toInt()
      val process = HostProcess("selftest", "--device", "cpu", "--only", "processes", flags = listOf(flag))
      eventually(60.seconds) { processes() shouldBe 3 }
      process.kill()
      eventually(30.seconds) { processes() shouldBe 0 }
      left() shouldBeGreaterThan 0
      HostProcess("selftest", "--only", "draws", flags = listOf(flag)).finish().exit shouldBe 0
      left() shouldBe 0
    }
  })
