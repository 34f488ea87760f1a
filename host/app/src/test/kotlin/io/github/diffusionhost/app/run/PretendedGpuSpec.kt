package io.github.diffusionhost.app.run

import ai.djl.Device
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.app.bench.Bench
import io.github.diffusionhost.app.bench.MemoryTable
import io.github.diffusionhost.app.cli.installed
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.doctor.DeviceModel
import io.github.diffusionhost.app.doctor.SpeedExamination
import io.github.diffusionhost.app.script.ScriptChild
import io.github.diffusionhost.app.selftest.Measured
import io.github.diffusionhost.app.selftest.Outcome
import io.github.diffusionhost.app.selftest.SmallRecipe
import io.github.diffusionhost.app.selftest.Subject
import io.github.diffusionhost.app.selftest.check.checksOfOneProcess
import io.github.diffusionhost.app.selftest.selfTest
import io.github.diffusionhost.app.train.Forecast
import io.github.diffusionhost.app.warningsOf
import io.github.diffusionhost.engine.golden.GoldenSet
import io.github.diffusionhost.engine.options.TrainOptions.Precision
import io.github.diffusionhost.engine.support.pretendedGpu
import io.github.diffusionhost.engine.support.tinyOptions
import io.kotest.core.annotation.Tags
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.lang.management.MemoryUsage
import java.nio.file.Path
import kotlin.io.path.writeText

/** What the program does where the device is a GPU, on one that computes as the CPU does. */
@Tags("Slow")
class PretendedGpuSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val koin = installed(folder)
    val gpu = pretendedGpu()
    val manager = NDManager.newBaseManager(gpu, "PyTorch")
    val host = NDManager.newBaseManager(Device.cpu(), "PyTorch")
    afterSpec {
      manager.close()
      host.close()
    }

    fun subject() =
      Subject(manager, host, koin.get(), GoldenSet.packed(folder.resolve("golden")), true, folder, koin.get()) { true }

    test("the self-test passes in all that it looks at, operation by operation too") {
      val checks = checksOfOneProcess { 1L shl 30 }
      val found = mutableListOf<Measured>()
      selfTest(checks, subject(), { it.stackTraceToString() }, found::add)
      found.filter { it.outcome != Outcome.OK }.shouldBeEmpty()
      found.size shouldBeGreaterThan 50
    }

    test("bench waits for a GPU once a block, and says no share of the host") {
      val config = folder.resolve("tiny.yaml").also { it.writeText(TINY_RUN) }
      val run = koin.get<RunConfigReader>().read(ConfigRequest(config))
      val report = Bench(koin.get(), run, 2, false, false, "0", {}).run({ gpu }, { 7L shl 20 })
      report.environment.device shouldBe "gpu(0)"
      report.memory.deviceBytes shouldBe (7L shl 20)
      report.train.hostShare shouldBe null
      val seconds = checkNotNull(report.train.compiled).seconds
      seconds.chunked(Bench.BLOCK).map { it.distinct().size } shouldBe listOf(1, 1)
    }

    test("a forecast names the GPU") {
      val recipe = SmallRecipe.R3
      val subject = subject()
      val config = recipe.config(subject)
      recipe.onImages(subject, config, manager) { data ->
        Forecast(koin.get(), config, data, manager).describe(100, 10.0) shouldBe
          listOf("About 10 s for 100 images, at 10.0 a second on this GPU")
      }
    }

    test("a GPU that imitates bfloat16 is warned of") {
      val options = tinyOptions(1, precision = Precision.BF16)
      warningsOf("io.github.diffusionhost.app.run.HalfPrecision") {
          warnOfImitatedPrecision(options, manager) { if (it == DataType.BFLOAT16) 1e9 else 1e10 }
        }
        .single() shouldContain "this GPU has no arithmetic for bfloat16"
    }

    test("the table of memory is of a GPU's steps, and says how many images at a time it takes") {
      val config = folder.resolve("table.yaml").also { it.writeText(TINY_RUN) }
      val run = koin.get<RunConfigReader>().read(ConfigRequest(config))
      val table = MemoryTable.of(koin.get(), run, null) { gpu }
      table.device shouldBe "gpu"
      table.on shouldBe "gpu:0"
      table.taken shouldBe 16
      MemoryTable.of(koin.get(), run, "cpu") { gpu }.taken shouldBe null
    }

    test("the self-test asks the driver's tool what a GPU is called") {
      DeviceModel.of(gpu) { "NVIDIA H100, 80GB HBM3, 580.1\n" } shouldBe DeviceModel("NVIDIA H100, 80GB HBM3", "580.1")
      DeviceModel.of(gpu) { null } shouldBe DeviceModel(null, null)
      DeviceModel.of(Device.cpu()) { error("no tool is asked") } shouldBe DeviceModel(cpuModel(), null)
    }

    test("doctor says of which device a speed is") {
      SpeedExamination({ gpu }, 0.0).findings().forEach { it.found shouldEndWith " on gpu:0" }
    }

    test("its memory is asked of the driver, a CPU's of the system") {
      val usage = MemoryUsage(-1, 30, 30, 100)
      memoryToUse(gpu) { usage } shouldBe 17
      deviceBytes(gpu) { usage } shouldBe 30
      deviceBytes(Device.cpu()) { error("no GPU is asked") } shouldBe null
      nameOf(gpu) shouldBe "gpu:0"
      nameOf(Device.cpu()) shouldBe "cpu"
    }

    test("a process that reads a script is told of it") {
      ScriptChild.command(Path.of("a.pt"), gpu) shouldContain "gpu0"
      ScriptChild.command(Path.of("a.pt"), Device.cpu()) shouldContain "cpu"
    }
  })
