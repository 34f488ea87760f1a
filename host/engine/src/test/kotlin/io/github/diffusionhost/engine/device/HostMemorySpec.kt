package io.github.diffusionhost.engine.device

import ai.djl.Device
import io.github.diffusionhost.engine.support.pretendedGpu
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeText

class HostMemorySpec :
  FunSpec({
    fun available(vararg files: Pair<String, String>): Long {
      val root = tempdir().toPath()
      for ((name, text) in files) root.resolve(name).createParentDirectories().writeText(text)
      return HostMemory(root).available()
    }

    val machine = "proc/meminfo" to "MemTotal:  99 kB\nMemFree:  5 kB\nMemAvailable:   1000 kB\n"

    test("is what Linux says is available") { available(machine) shouldBe 1_024_000 }

    test("is less where the address space is limited") {
      available(
        machine,
        "proc/self/limits" to
          "Limit   Soft Limit  Hard Limit  Units\nMax address space         900000      unlimited  bytes\n",
        "proc/self/status" to "Name:\tjava\nVmSize:\t     100 kB\n",
      ) shouldBe 900_000 - 102_400
      available(
        machine,
        "proc/self/limits" to "Max address space         unlimited      unlimited  bytes\n",
        "proc/self/status" to "VmSize:\t     100 kB\n",
      ) shouldBe 1_024_000
    }

    test("is less where a container has no more, and never below 0") {
      available(machine, "sys/fs/cgroup/memory.max" to "500000\n", "sys/fs/cgroup/memory.current" to "1\n") shouldBe
        499_999
      available(machine, "sys/fs/cgroup/memory.max" to "5\n", "sys/fs/cgroup/memory.current" to "7\n") shouldBe 0
      available(machine, "sys/fs/cgroup/memory.max" to "max\n", "sys/fs/cgroup/memory.current" to "7\n") shouldBe
        1_024_000
    }

    test("of a GPU, a share is for arrays, whoever uses it; of a CPU what is available and what is held") {
      DeviceRoom.of { 1000 }.bytes(pretendedGpu(), 7) shouldBe 850
      DeviceRoom.of { Long.MAX_VALUE }.bytes(pretendedGpu(), 7) shouldBe Long.MAX_VALUE
      DeviceRoom.of { error("no GPU is asked") }.bytes(Device.cpu(), 1L shl 50) shouldBeGreaterThan (1L shl 50)
    }

    test("elsewhere it is what is unused") { available() shouldBeGreaterThan 0 }
  })
