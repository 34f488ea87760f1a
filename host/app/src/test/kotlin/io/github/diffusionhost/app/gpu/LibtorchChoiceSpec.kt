package io.github.diffusionhost.app.gpu

import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.config.DeviceChoice.Auto
import io.github.diffusionhost.app.config.DeviceChoice.Cpu
import io.github.diffusionhost.app.config.DeviceChoice.Gpu
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.Properties

private val FOLDER = Path.of("/cache/libtorch/2.7.1-cu128")
private val RECORD = InstallationRecord("2.7.1", "cu128", "", "", "torch/lib", "nvidia/cuda_runtime/lib", emptyList())
private val WHOLE = Installation(FOLDER, RECORD, null)
private val BROKEN = Installation(FOLDER, RECORD, "torch/lib/libtorch.so is missing")
private val H100 = CudaDevice("NVIDIA H100", Capability(9, 0))
private val T4 = CudaDevice("Tesla T4", Capability(7, 5))
private val P100 = CudaDevice("Tesla P100", Capability(6, 0))

private fun driver(vararg devices: CudaDevice, cuda: Int = 12_080) = DriverAnswer.Works(cuda, devices.toList())

/** Which libtorch is loaded where. */
class LibtorchChoiceSpec :
  FunSpec({
    val brought = "the one that the program brings along"
    val brings = "which host gpu install has brought, for"

    class Row(
      val words: String,
      val device: DeviceChoice,
      val driver: DriverAnswer,
      val there: Installation?,
      val why: String,
      val obstacle: String? = null,
      val given: Map<String, String> = emptyMap(),
    )

    val rows =
      listOf(
        Row("what computes on the CPU keeps the CPU's", Cpu, driver(H100), WHOLE, brought),
        Row("an installation and a device: it", Auto, driver(H100), WHOLE, "$brings gpu:0, NVIDIA H100"),
        Row("the second device", Gpu(listOf(1)), driver(P100, T4), WHOLE, "$brings gpu:1, Tesla T4"),
        Row("the oldest that is enough", Gpu(listOf()), driver(T4), WHOLE, "$brings gpu:0, Tesla T4"),
        Row("the oldest driver that is enough", Auto, driver(H100, cuda = 12_000), WHOLE, "$brings gpu:0, NVIDIA H100"),
        Row(
          "a number that is not there is the run's affair",
          Gpu(listOf(7)),
          driver(H100),
          WHOLE,
          "$brings gpu:0, NVIDIA H100",
        ),
        Row("no driver", Auto, DriverAnswer.None, WHOLE, brought, "this machine has no NVIDIA driver"),
        Row(
          "no driver, and a GPU is asked for",
          Gpu(listOf()),
          DriverAnswer.None,
          null,
          brought,
          "this machine has no NVIDIA driver",
        ),
        Row(
          "a driver that fails",
          Auto,
          DriverAnswer.Failed("it answers with error 999"),
          WHOLE,
          brought,
          "it answers with error 999",
        ),
        Row("a driver without devices", Auto, driver(), WHOLE, brought, "the NVIDIA driver names no device"),
        Row(
          "a driver that is too old",
          Auto,
          driver(H100, cuda = 11_080),
          WHOLE,
          brought,
          "the NVIDIA driver is for CUDA 11.8, and libtorch 2.7.1 for CUDA 12.8 needs one for CUDA 12, which is " +
            "525.60.13 or newer: renew it",
        ),
        Row(
          "a device that is too old",
          Gpu(listOf(0)),
          driver(P100, H100),
          WHOLE,
          brought,
          "gpu:0, Tesla P100, has compute capability 6.0, and libtorch 2.7.1 for CUDA 12.8 needs 7.5 or newer",
        ),
        Row(
          "nothing installed",
          Auto,
          driver(H100),
          null,
          brought,
          "there is a GPU, NVIDIA H100, and no libtorch for it: host gpu install brings one",
        ),
        Row(
          "what is installed is not whole",
          Auto,
          driver(H100),
          BROKEN,
          brought,
          "the libtorch in $FOLDER is not whole (torch/lib/libtorch.so is missing): host gpu install mends it",
        ),
        Row(
          "the user's own",
          Auto,
          driver(H100),
          WHOLE,
          "since PYTORCH_LIBRARY_PATH is /opt/torch",
          given = mapOf("PYTORCH_FLAVOR" to "cu118", "PYTORCH_LIBRARY_PATH" to "/opt/torch"),
        ),
        Row(
          "the user's own flavour alone",
          Cpu,
          driver(H100),
          WHOLE,
          "since PYTORCH_FLAVOR is cpu",
          given = mapOf("PYTORCH_FLAVOR" to "cpu"),
        ),
      )
    for (row in rows) {
      test(row.words) {
        val choice = LibtorchChooser(CudaBuild.NEEDED, { row.there }, { row.driver }).choose(row.device, row.given)
        choice.why shouldBe row.why
        choice.obstacle?.toString() shouldBe row.obstacle
        choice.installed shouldBe row.why.startsWith(brings)
      }
    }

    test("an installation is named to DJL and to JNA, whose own folders stay") {
      val chooser = LibtorchChooser(CudaBuild.NEEDED, { WHOLE }, { driver(H100) })
      chooser.choose(Auto, emptyMap()).properties shouldBe
        mapOf(
          "PYTORCH_LIBRARY_PATH" to "$FOLDER/torch/lib",
          "PYTORCH_VERSION" to "2.7.1",
          "PYTORCH_FLAVOR" to "cu128",
          "jna.library.path" to "$FOLDER/nvidia/cuda_runtime/lib",
        )
      chooser.choose(Auto, mapOf("jna.library.path" to "/own")).properties["jna.library.path"] shouldBe
        "$FOLDER/nvidia/cuda_runtime/lib:/own"
    }

    test("neither driver nor installation is looked at for the CPU, or beside the user's own") {
      val chooser = LibtorchChooser(CudaBuild.NEEDED, { error("looked at") }, { error("asked") })
      chooser.choose(Cpu, emptyMap()).properties shouldBe emptyMap()
      chooser.choose(Auto, mapOf("PYTORCH_VERSION" to "2.7.1")).why shouldBe "since PYTORCH_VERSION is 2.7.1"
    }

    test("the build is the one that DJL's JNI library on the class path is for") {
      val loader = LibtorchChoice::class.java.classLoader
      val properties = Properties().apply { loader.getResourceAsStream("jnilib/pytorch.properties").use { load(it) } }
      properties.getProperty("jni_version").substringBefore('-') shouldBe CudaBuild.NEEDED.version
      withClue("of this flavour") {
        val library = "jnilib/linux-x86_64/${CudaBuild.NEEDED.flavour}/libdjl_torch.so"
        (loader.getResource(library) != null) shouldBe true
      }
    }
  })
