package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.gpu.LibtorchChoice
import io.github.diffusionhost.app.gpu.LibtorchChooser
import io.github.diffusionhost.app.gpu.Obstacle
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration
import kotlin.io.path.writeText

private const val H100 = "0, NVIDIA H100 80GB HBM3, 81559, 512, 9.0, 570.86.15"
private const val P40 = "1, Tesla P40, 23040, 0, 6.1, 570.86.15"

/** What a driver answers: the list of its devices, and the table in whose head CUDA's version is. */
private fun driver(cuda: String, vararg devices: String): (List<String>) -> String? = { arguments ->
  if (arguments.isEmpty()) "| NVIDIA-SMI 570.86.15    Driver Version: 570.86.15    CUDA Version: $cuda |\n"
  else devices.joinToString("\n")
}

class GpuExaminationSpec :
  FunSpec({
    fun findings(
      usable: Int,
      variables: Map<String, String> = emptyMap(),
      choice: LibtorchChoice = LibtorchChoice(emptyMap(), "the one that the program brings along"),
      ask: (List<String>) -> String?,
    ) = GpuExamination(variables, choice, ask) { usable }.findings()

    test("without a driver runs use the CPU, and nothing is wrong") {
      findings(0) { null } shouldContainExactly listOf(Finding("gpu", "driver", "no NVIDIA driver; runs use the CPU"))
    }

    test("devices are told with memory and with the types that they compute in") {
      val found = findings(2, ask = driver("12.8", H100, P40))
      found.map { it.verdict }.distinct() shouldBe listOf(Verdict.OK)
      found.map { it.what } shouldContainExactly listOf("driver", "gpu:0", "gpu:1", "use")
      found[0].found shouldBe "570.86.15, for CUDA up to 12.8"
      found[1].found shouldBe
        "NVIDIA H100 80GB HBM3, 79.6 GiB, 512 MiB of it taken, compute capability 9.0: float16, bfloat16, TF32"
      found[2].found shouldBe "Tesla P40, 22.5 GiB, 0 MiB of it taken, compute capability 6.1: float16"
      found[3].found shouldBe "libtorch can use 2 of 2"
    }

    test("a device that the CPU's libtorch cannot use is a note that leads to the guide") {
      val use = findings(0, ask = driver("12.8", H100)).last()
      use.verdict shouldBe Verdict.NOTE
      use.remedy shouldContain "docs/guides/GPU.md"
      val missing = Obstacle("there is a GPU, H100, and no libtorch for it", "host gpu install brings one")
      val told = findings(0, choice = LibtorchChoice(emptyMap(), "", missing), ask = driver("12.8", H100)).last()
      told.found shouldBe "there is a GPU, H100, and no libtorch for it; runs use the CPU"
      told.remedy shouldBe "host gpu install brings one"
    }

    test("a driver without nvidia-smi, as in a container, is told by what libtorch makes of it") {
      val installed = LibtorchChoice(mapOf("PYTORCH_FLAVOR" to "cu128"), "which host gpu install has brought, for H100")
      val works = findings(2, choice = installed) { null }
      works.map { it.found } shouldContainExactly
        listOf("there is one, without nvidia-smi, which would say more", "libtorch can use 2")
      findings(0, choice = installed) { null }.last().verdict shouldBe Verdict.BROKEN
      val old = LibtorchChoice(emptyMap(), "", Obstacle("the NVIDIA driver is for CUDA 11.4", "renew it"))
      val told = findings(0, choice = old) { null }.last()
      told.found shouldBe "the NVIDIA driver is for CUDA 11.4; runs use the CPU"
      told.remedy shouldBe "renew it"
      findings(0, choice = LibtorchChoice(emptyMap(), "", LibtorchChooser.NO_DRIVER)) { null }.single().found shouldBe
        "no NVIDIA driver; runs use the CPU"
    }

    test("an installed libtorch that cannot use the device is broken, and its flavour says which driver it wants") {
      val choice =
        LibtorchChoice(mapOf("PYTORCH_FLAVOR" to "cu128"), "which host gpu install has brought, for gpu:0, H100")
      val found = findings(0, choice = choice, ask = driver("11.8", H100))
      found.first().remedy shouldStartWith "libtorch needs a driver for CUDA 12 or newer"
      found.last().verdict shouldBe Verdict.BROKEN
      found.last().found shouldBe "libtorch, which host gpu install has brought, for gpu:0, H100, cannot use it"
      found.last().remedy shouldStartWith "host gpu remove, then host gpu install"
    }

    test("a libtorch that was named and cannot use the device is broken") {
      val use = findings(0, mapOf("PYTORCH_LIBRARY_PATH" to "/opt/torch"), ask = driver("12.8", H100)).last()
      use.verdict shouldBe Verdict.BROKEN
      use.found shouldBe "the named libtorch cannot use a device"
    }

    test("a driver that is too old for the flavour is broken, with the version that is needed") {
      val driver = findings(0, mapOf("PYTORCH_FLAVOR" to "cu128"), ask = driver("11.8", H100)).first()
      driver.verdict shouldBe Verdict.BROKEN
      driver.remedy shouldStartWith "libtorch needs a driver for CUDA 12 or newer"
      findings(1, mapOf("PYTORCH_FLAVOR" to "cu118"), ask = driver("11.8", H100)).first().verdict shouldBe Verdict.OK
      findings(0, ask = driver("10.2", H100)).first().verdict shouldBe Verdict.BROKEN
    }

    test("a name with a comma, columns that the driver does not know, and a version that is none") {
      val odd = "0, NVIDIA RTX 6000, Ada, 49140, 0, 8.9, 570.86.15"
      val shared = "1, NVIDIA GH200, [N/A], [N/A], [N/A], 570.86.15"
      val found = findings(2, ask = driver("99999999999.1", "# odd, rows, that, are, no, devices", odd, shared))
      found[0].found shouldBe "570.86.15, for CUDA up to an unknown version"
      found[1].found shouldStartWith
        "NVIDIA RTX 6000, Ada, 48.0 GiB, 0 MiB of it taken, compute capability 8.9: float16"
      found[2].found shouldBe "NVIDIA GH200, memory unknown, compute capability unknown"
    }

    test("a driver without devices, and one that prints something else") {
      findings(0, ask = { "" }).single().verdict shouldBe Verdict.NOTE
      findings(0, ask = { "No devices were found" }).single().found shouldBe "nvidia-smi is there, and names no device"
      val found = findings(1, ask = { if (it.isEmpty()) "nothing of CUDA" else H100 })
      found.first().found shouldBe "570.86.15, for CUDA up to an unknown version"
    }

    test("a tool that is not there, one that fails, and one that hangs with a child of its own") {
      val folder = tempdir().toPath()
      fun tool(name: String, text: String) =
        "${folder.resolve(name).also { it.writeText("#!/bin/sh\n$text\n") }.apply { toFile().setExecutable(true) }}"
      nvidiaSmi(listOf("-L"), tool = "$folder/none") shouldBe null
      nvidiaSmi(listOf("-L"), tool = tool("fails", "echo no; exit 9")) shouldBe ""
      nvidiaSmi(listOf("-L"), tool = tool("works", "echo \"$1\"")) shouldBe "-L\n"
      val began = System.nanoTime()
      nvidiaSmi(emptyList(), tool = tool("hangs", "sleep 600"), patience = Duration.ofMillis(300)) shouldBe ""
      (System.nanoTime() - began) / 1e9 shouldBeLessThan 60.0
    }
  })
