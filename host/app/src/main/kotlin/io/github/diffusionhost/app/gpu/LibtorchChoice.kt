package io.github.diffusionhost.app.gpu

import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.config.DeviceChoice
import java.io.File

/** What stands between a machine and its GPU, and what to do about it where anything can be done. */
internal data class Obstacle(val what: String, val remedy: String? = null) {
  override fun toString() = what + remedy?.let { ": $it" }.orEmpty()
}

/**
 * Which libtorch a process loads.
 *
 * @property properties of the system, to be set before DJL is used: none for the one that DJL finds by itself
 * @property why in words that follow "libtorch for the CPU, …"
 * @property obstacle null if nothing stands in the way, or if it is not known
 */
internal data class LibtorchChoice(
  val properties: Map<String, String>,
  val why: String,
  val obstacle: Obstacle? = null,
) {
  /** Whether it is an installation of `host gpu install`. */
  val installed: Boolean
    get() = properties.isNotEmpty()
}

/** Decides which libtorch is loaded, by what is there; touches nothing. */
internal class LibtorchChooser(
  private val build: CudaBuild,
  private val installation: () -> Installation?,
  private val driver: CudaDriver,
) {
  /**
   * The user's own variables win; what computes on the CPU takes the CPU's; else an installation is taken if the device
   * can use it.
   *
   * @param given environment variables and system properties that name a libtorch, and `jna.library.path`
   */
  fun choose(device: DeviceChoice, given: Map<String, String>): LibtorchChoice {
    val own = NAMES.firstOrNull(given::containsKey)
    if (own != null) return LibtorchChoice(emptyMap(), "since $own is ${Printable.path(given.getValue(own))}")
    val number =
      when (device) {
        DeviceChoice.Cpu -> return LibtorchChoice(emptyMap(), BROUGHT)
        DeviceChoice.Auto -> 0
        is DeviceChoice.Gpu -> device.numbers.firstOrNull() ?: 0
      }
    return when (val answer = driver.ask()) {
      DriverAnswer.None -> cpu(NO_DRIVER)
      is DriverAnswer.Failed -> cpu(Obstacle(answer.words))
      is DriverAnswer.Works -> choose(number, answer, given[JNA])
    }
  }

  private fun choose(asked: Int, driver: DriverAnswer.Works, libraries: String?): LibtorchChoice {
    // Of a number that is not there, the run itself says so.
    val number = if (asked in driver.devices.indices) asked else 0
    val device = driver.devices.getOrNull(number) ?: return cpu(Obstacle("the NVIDIA driver names no device"))
    val obstacle = tooOld(driver.cuda) ?: tooOld(number, device)
    if (obstacle != null) return cpu(obstacle)
    val there = installation() ?: return cpu(missing(device))
    val record = there.record
    if (record == null || there.problem != null) return cpu(broken(there))
    return LibtorchChoice(
      properties(there, record, libraries),
      "$INSTALLED gpu:$number, ${Printable.name(device.name)}",
    )
  }

  private fun tooOld(cuda: Int): Obstacle? {
    if (cuda >= CudaBuild.OLDEST_CUDA) return null
    val needed = "${CudaBuild.OLDEST_CUDA / 1000}, which is ${CudaBuild.OLDEST_DRIVER} or newer"
    val here = "${cuda / 1000}.${cuda % 1000 / 10}"
    return Obstacle("the NVIDIA driver is for CUDA $here, and ${build.words} needs one for CUDA $needed", "renew it")
  }

  private fun tooOld(number: Int, device: CudaDevice): Obstacle? {
    if (device.capability >= CudaBuild.OLDEST_CAPABILITY) return null
    return Obstacle(
      "gpu:$number, ${Printable.name(device.name)}, has compute capability ${device.capability}, and " +
        "${build.words} needs ${CudaBuild.OLDEST_CAPABILITY} or newer"
    )
  }

  private fun missing(device: CudaDevice) =
    Obstacle("there is a GPU, ${Printable.name(device.name)}, and no libtorch for it", "host gpu install brings one")

  private fun broken(there: Installation) =
    Obstacle(
      "the libtorch in ${Printable.path(there.folder)} is not whole (${there.problem})",
      "host gpu install mends it",
    )

  private fun properties(there: Installation, record: InstallationRecord, libraries: String?): Map<String, String> {
    val cudart = "${there.folder.resolve(record.cudart)}"
    return mapOf(
      FOLDER to "${there.folder.resolve(record.libraries)}",
      VERSION to record.version,
      FLAVOUR to record.flavour,
      JNA to if (libraries.isNullOrEmpty()) cudart else cudart + File.pathSeparator + libraries,
    )
  }

  private fun cpu(obstacle: Obstacle) = LibtorchChoice(emptyMap(), BROUGHT, obstacle)

  companion object {
    const val FOLDER = "PYTORCH_LIBRARY_PATH"
    const val VERSION = "PYTORCH_VERSION"
    const val FLAVOUR = "PYTORCH_FLAVOR"

    /** Where JNA, and DJL through it, looks for libraries: for CUDA's runtime, by which DJL counts devices. */
    const val JNA = "jna.library.path"

    /** What DJL reads of the environment and of the system properties (`ai.djl.pytorch.jni.LibUtils`, 0.35.1). */
    val NAMES = listOf(FOLDER, VERSION, FLAVOUR)

    private const val INSTALLED = "which host gpu install has brought, for"
    /** The ordinary case, of which nobody is told. */
    val NO_DRIVER = Obstacle("this machine has no NVIDIA driver")

    private const val BROUGHT = "the one that the program brings along"
  }
}
