package io.github.diffusionhost.engine.pass

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

class CpuVendorSpec :
  FunSpec({
    val folder = tempdir().toPath()

    fun described(text: String) = folder.resolve("cpuinfo").also { it.writeText(text) }

    test("Linux names the maker of each processor") {
      CpuVendor.isAmd(described("processor\t: 0\nvendor_id\t: AuthenticAMD\n"), mapOf()) shouldBe true
      CpuVendor.isAmd(described("processor\t: 0\nvendor_id\t: GenuineIntel\n"), mapOf()) shouldBe false
      CpuVendor.isAmd(described("processor\t: 0\nCPU implementer\t: 0x41\n"), mapOf()) shouldBe false
    }

    test("Windows does it in its environment, and other systems not at all") {
      val missing = folder.resolve("missing")
      val amd = mapOf("PROCESSOR_IDENTIFIER" to "AMD64 Family 25 Model 17 Stepping 1, AuthenticAMD")
      CpuVendor.isAmd(missing, amd) shouldBe true
      CpuVendor.isAmd(missing, mapOf()) shouldBe false
    }
  })
