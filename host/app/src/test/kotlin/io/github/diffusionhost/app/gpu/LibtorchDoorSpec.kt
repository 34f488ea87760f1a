package io.github.diffusionhost.app.gpu

import ai.djl.Device
import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.gpu.install.Installing
import io.github.diffusionhost.app.gpu.install.StandIns
import io.github.diffusionhost.app.run.deviceOf
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import org.slf4j.LoggerFactory

/** What a command sets, and what it says, before DJL is used. */
class LibtorchDoorSpec :
  FunSpec({
    val root = tempdir().toPath()
    val driver = CudaDriver { DriverAnswer.Works(12_080, listOf(CudaDevice("NVIDIA H100", Capability(9, 0)))) }
    val installing = Installing(root.resolve("cache"))
    val none = Installations(root.resolve("none"))
    beforeSpec { installing.run(StandIns.write(root.resolve("wheels"), StandIns.wheels())) }

    class Played(installations: Installations, driver: CudaDriver, variables: Map<String, String> = emptyMap()) {
      val set = HashMap<String, String>()
      val door = LibtorchDoor(installations, driver, variables, set::get, set::put)
    }

    test("what is installed is set, and stays so for who comes later") {
      val played = Played(installing.installations, driver)
      deviceOf(DeviceChoice.Auto, played.door) { 1 } shouldBe Device.gpu(0)
      played.set["PYTORCH_LIBRARY_PATH"] shouldBe "${installing.installed().folder}/torch/lib"
      played.set["jna.library.path"] shouldBe "${installing.installed().folder}/cudart"
      val before = played.set.toMap()
      deviceOf(DeviceChoice.Gpu(listOf()), played.door) { 1 } shouldBe Device.gpu(0)
      played.set shouldBe before
    }

    test("arithmetic is set for a GPU, and for nothing else") {
      val calls = mutableListOf<String>()
      val played = Played(installing.installations, driver)
      deviceOf(DeviceChoice.Cpu, played.door, { calls += "cpu" }) { 1 }
      deviceOf(DeviceChoice.Auto, Played(installing.installations, driver).door, { calls += "none" }) { 0 }
      deviceOf(DeviceChoice.Auto, played.door, { calls += "auto" }) { 1 }
      deviceOf(DeviceChoice.Gpu(listOf(1)), played.door, { calls += "gpu" }) { 2 }
      calls shouldBe listOf("auto", "gpu")
    }

    test("the CPU, the user's own and a look set nothing") {
      val played = Played(installing.installations, driver)
      deviceOf(DeviceChoice.Cpu, played.door) { error("loaded") } shouldBe Device.cpu()
      played.door.look(DeviceChoice.Auto).installed shouldBe true
      played.set shouldBe emptyMap()
      val own = Played(installing.installations, driver, mapOf("PYTORCH_VERSION" to "2.7.1"))
      deviceOf(DeviceChoice.Auto, own.door) { 0 } shouldBe Device.cpu()
      own.set shouldBe emptyMap()
    }

    test("a GPU that is asked for and cannot be used is wrong usage, with what stands in the way") {
      fun refusal(door: LibtorchDoor) =
        shouldThrow<UserError> { deviceOf(DeviceChoice.Gpu(listOf()), door) { 0 } }
          .also { it.exitCode shouldBe ExitCode.USAGE }
          .message
          .orEmpty()
      refusal(Played(none, driver).door) shouldStartWith
        "device gpu: there is a GPU, NVIDIA H100, and no libtorch for it: host gpu install brings one; see docs"
      refusal(Played(none, { DriverAnswer.None }).door) shouldBe
        "device gpu: this machine has no NVIDIA driver; see docs/guides/GPU.md, or use --device cpu"
      refusal(Played(installing.installations, driver).door) shouldContain "cannot use it; host doctor says more"
    }

    test("who lets the program choose is told in one line why a GPU is not used; of no GPU nothing is said") {
      fun told(
        driver: CudaDriver,
        there: Installations = none,
        name: String = LibtorchDoor::class.java.name,
      ): List<String> {
        val logger = LoggerFactory.getLogger(name) as Logger
        val lines = ListAppender<ILoggingEvent>().apply { start() }
        val before = logger.level
        logger.level = Level.INFO
        logger.isAdditive = false
        logger.addAppender(lines)
        try {
          deviceOf(DeviceChoice.Auto, Played(there, driver).door) { 0 } shouldBe Device.cpu()
        } finally {
          logger.detachAppender(lines)
          logger.level = before
          logger.isAdditive = true
        }
        return lines.list.map { it.formattedMessage }
      }
      told(driver) shouldBe
        listOf("The CPU is used: there is a GPU, NVIDIA H100, and no libtorch for it: host gpu install brings one")
      told({ DriverAnswer.None }).shouldBeEmpty()
      told(driver, installing.installations, "io.github.diffusionhost.app.run.Devices") shouldBe
        listOf(
          "The CPU is used: libtorch, which host gpu install has brought, for gpu:0, NVIDIA H100, cannot use it; host " +
            "doctor says more"
        )
    }

    test("a number that is not there is told with how many there are") {
      val refused =
        shouldThrow<UserError> {
          deviceOf(DeviceChoice.Gpu(listOf(3)), Played(installing.installations, driver).door) { 2 }
        }
      refused.message shouldBe
        "device gpu:3: this machine has 2 GPUs, counted from 0; see docs/guides/GPU.md, or use --device cpu"
    }

    test("a machine without a driver is nothing to speak of; the driver is asked without libtorch") {
      NativeCudaDriver("libno-such-driver.so.1").ask() shouldBe DriverAnswer.None
      val failed = NativeCudaDriver("libc.so.6").ask() as DriverAnswer.Failed
      failed.words shouldStartWith "libc.so.6 is no NVIDIA driver"
    }
  })
