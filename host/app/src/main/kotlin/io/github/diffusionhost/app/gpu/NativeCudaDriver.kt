package io.github.diffusionhost.app.gpu

import com.sun.jna.NativeLibrary
import com.sun.jna.ptr.IntByReference
import org.slf4j.LoggerFactory

/**
 * The driver's own library, which comes with the driver and with nothing else. Its functions are those of the CUDA
 * Driver API, "Initialization", "Version Management" and "Device Management".
 *
 * @param library as the system's loader finds it
 */
internal class NativeCudaDriver(private val library: String = "libcuda.so.1") : CudaDriver {
  private class Refused(message: String) : Exception(message)

  override fun ask(): DriverAnswer {
    if (!System.getProperty("os.name").startsWith("Linux")) return DriverAnswer.None
    val driver =
      try {
        NativeLibrary.getInstance(library)
      } catch (e: LinkageError) {
        LoggerFactory.getLogger(javaClass).debug("no {}", library, e)
        return DriverAnswer.None
      }
    return try {
      driver.describe()
    } catch (e: Refused) {
      DriverAnswer.Failed(e.message.orEmpty())
    } catch (e: LinkageError) {
      DriverAnswer.Failed("$library is no NVIDIA driver: ${e.message}")
    }
  }

  private fun NativeLibrary.describe(): DriverAnswer {
    val initialized = getFunction("cuInit").invokeInt(arrayOf(0))
    if (initialized == NO_DEVICE) return DriverAnswer.Works(number("cuDriverGetVersion"), emptyList())
    require("cuInit", initialized)
    val cuda = number("cuDriverGetVersion")
    return DriverAnswer.Works(cuda, List(number("cuDeviceGetCount")) { device(it) })
  }

  private fun NativeLibrary.device(ordinal: Int): CudaDevice {
    val device = number("cuDeviceGet", ordinal)
    val name = ByteArray(NAME_BYTES)
    require("cuDeviceGetName", getFunction("cuDeviceGetName").invokeInt(arrayOf(name, name.size, device)))
    val capability =
      Capability(number("cuDeviceGetAttribute", MAJOR, device), number("cuDeviceGetAttribute", MINOR, device))
    return CudaDevice(String(name, Charsets.UTF_8).substringBefore('\u0000'), capability)
  }

  /** What [function] writes where its first argument points to. */
  private fun NativeLibrary.number(function: String, vararg arguments: Int): Int {
    val result = IntByReference()
    require(function, getFunction(function).invokeInt(arrayOf(result, *arguments.toTypedArray())))
    return result.value
  }

  private fun require(function: String, code: Int) {
    if (code != 0) throw Refused("the NVIDIA driver answers $function with error $code; nvidia-smi may say more")
  }

  private companion object {
    const val NO_DEVICE = 100
    const val NAME_BYTES = 256

    /** `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR` and `_MINOR`. */
    const val MAJOR = 75
    const val MINOR = 76
  }
}
