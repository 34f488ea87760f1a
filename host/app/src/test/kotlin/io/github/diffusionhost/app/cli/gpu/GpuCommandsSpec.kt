package io.github.diffusionhost.app.cli.gpu

import io.github.diffusionhost.app.cli.HostCommand
import io.github.diffusionhost.app.cli.captured
import io.github.diffusionhost.app.gpu.Capability
import io.github.diffusionhost.app.gpu.CudaDevice
import io.github.diffusionhost.app.gpu.CudaDriver
import io.github.diffusionhost.app.gpu.DriverAnswer
import io.github.diffusionhost.app.gpu.Installations
import io.github.diffusionhost.app.gpu.LibtorchDoor
import io.github.diffusionhost.app.gpu.install.HASTY
import io.github.diffusionhost.app.gpu.install.StandIns
import io.github.diffusionhost.app.gpu.install.WheelIndexes
import io.github.diffusionhost.app.run.Finished
import io.github.diffusionhost.app.run.HostEnvironment
import io.github.diffusionhost.engine.download.Inquiry
import io.kotest.assertions.withClue
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.writeText
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.koin.dsl.module

/** `host gpu` in a folder of the test's own, on a machine with an H100 that is played. */
private fun gpu(root: Path, vararg arguments: String, driver: CudaDriver = CudaDriver { H100 }): Finished {
  val wiring = { _: HostEnvironment ->
    module {
      single { Installations(root) }
      single { LibtorchDoor(get(), driver, emptyMap(), { null }, { _, _ -> error("set") }) }
      single { WheelIndexes(Inquiry(HASTY), URI("http://127.0.0.1:9/"), listOf()) }
    }
  }
  return captured { HostCommand(wiring, emptyMap()).execute(listOf("gpu", *arguments)) }
}

private val H100 = DriverAnswer.Works(12_080, listOf(CudaDevice("NVIDIA H100", Capability(9, 0))))

@Tags("Process")
class GpuCommandsSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val wheels = StandIns.write(folder.resolve("wheels"), StandIns.wheels())
    var number = 0
    fun root() = folder.resolve("cache${number++}")

    test("install, list, remove") {
      val root = root()
      gpu(root, "list").out shouldBe "nothing is installed in $root: host gpu install\n"
      gpu(root, "install", "--from", "$wheels", "--dry-run").out shouldStartWith "1 MiB on disk from $wheels; "
      gpu(root, "install", "--from", "$wheels").out shouldBe
        "libtorch 2.7.1 for CUDA 12.8 is installed in $root/2.7.1-cu128, 1 MiB\n"
      gpu(root, "install").out shouldBe "libtorch 2.7.1 for CUDA 12.8 is installed already, in $root/2.7.1-cu128\n"
      gpu(root, "list").out shouldBe "NAME         SIZE   USED\n2.7.1-cu128  1 MiB  yes\n"
      gpu(root, "list", driver = { DriverAnswer.None }).out shouldContain "no: this machine has no NVIDIA driver"
      gpu(root, "remove").out shouldBe "removed 2.7.1-cu128, 1 MiB\n"
      gpu(root, "remove").out shouldBe "nothing is installed in $root\n"
      root.resolve("2.7.1-cu128").exists() shouldBe false
    }

    test("several wheels behind one --from, and --from several times") {
      val names = StandIns.wheels().keys.map { "$wheels/$it" }
      for (line in listOf(names, listOf(names[0], "--from") + names.drop(1))) {
        val ended = gpu(root(), "install", "--from", *line.toTypedArray())
        withClue(ended.err) { ended.exit shouldBe 0 }
      }
    }

    test("list as JSON") {
      val root = root()
      gpu(root, "install", "--from", "$wheels")
      val row = Json.parseToJsonElement(gpu(root, "list", "--json").out).jsonArray.single().jsonObject
      row.getValue("name").jsonPrimitive.content shouldBe "2.7.1-cu128"
      row.getValue("used").jsonPrimitive.content shouldBe "true"
      row.getValue("source").jsonPrimitive.content shouldBe "$wheels"
      row.getValue("why").jsonPrimitive.content shouldContain "for gpu:0, NVIDIA H100"
      gpu(root(), "list", "--json").out shouldBe "[]\n"
    }

    test("what is broken, what is of another version, and downloads are listed with what to do") {
      val root = root()
      gpu(root, "install", "--from", "$wheels")
      Files.delete(root.resolve("2.7.1-cu128/torch/lib/libtorch.so"))
      root.resolve("2.5.1-cu124").createDirectories()
      root.resolve("downloads").createDirectories().resolve("torch.whl.part").writeText("part")
      val out = gpu(root, "list").out
      out shouldContain
        "2.7.1-cu128  0 MiB  no: it is not whole (torch/lib/libtorch.so is missing): host gpu install mends it"
      out shouldContain "2.5.1-cu124  0 MiB  no: this version of the program uses 2.7.1-cu128"
      out shouldContain "0 MiB of downloads in $root/downloads: host gpu install goes on with them"
      gpu(root, "remove").err shouldContain "there are 2.5.1-cu124, 2.7.1-cu128: name one, or give --all"
      gpu(root, "remove", "2.7.1-cu12").err shouldBe
        "'2.7.1-cu12' is not installed; did you mean 2.7.1-cu128? (installed: 2.5.1-cu124, 2.7.1-cu128)\n"
      gpu(root, "remove", "2.5.1-cu124").out shouldBe "removed 2.5.1-cu124, 0 MiB\n"
      gpu(root, "remove", "--all").out shouldBe "removed 2.7.1-cu128, 0 MiB\nremoved downloads, 0 MiB\n"
      gpu(root, "list").out shouldStartWith "nothing is installed"
    }

    test("wrong usage") {
      val root = root()
      for ((line, words) in
        mapOf(
          "install --from $folder/none" to "--from $folder/none: no such file or folder",
          "install --from" to "option --from requires a value",
          "install --from $wheels --keep-downloads" to "--from downloads nothing",
          "install --dry-run --keep-downloads" to "--dry-run downloads nothing",
          "install now" to "'now' is taken with --from before it",
          "remove --all 2.7.1-cu128" to "leave NAME out",
          "list everything" to "everything",
        )) {
        withClue(line) {
          val ended = gpu(root, *line.split(" ").toTypedArray())
          ended.exit shouldBe 2
          ended.err shouldContain words
        }
      }
      gpu(root, "install", "--from", "").exit shouldBe 2
    }

    test("without a network the way without one is told") {
      val ended = gpu(root(), "install")
      ended.exit shouldBe 1
      ended.err shouldContain "no connection"
      ended.err shouldContain "host gpu install --from FOLDER takes files that are there already"
    }
  })
