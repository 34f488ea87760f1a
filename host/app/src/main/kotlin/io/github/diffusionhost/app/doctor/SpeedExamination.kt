package io.github.diffusionhost.app.doctor

import ai.djl.Device
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.DataType
import io.github.diffusionhost.app.run.nameOf
import io.github.diffusionhost.engine.bench.DevicePeak
import java.util.Locale

/** What a device does at its best: products in two types, and reading and writing of memory. Takes seconds. */
internal class SpeedExamination(private val device: () -> Device, private val seconds: Double = 1.0) : Examination {
  override val area = "speed"

  override fun findings(): List<Finding> =
    NDManager.newBaseManager(device(), "PyTorch").use { manager ->
      val float32 = DevicePeak(manager, DataType.FLOAT32, seconds)
      val bfloat16 = DevicePeak(manager, DataType.BFLOAT16, seconds)
      listOf(
        products("float32", float32.products(), manager),
        products("bfloat16", bfloat16.products(), manager),
        Finding(area, "memory", "${giga(float32.traffic())} GB/s read and written on ${name(manager.device)}"),
      )
    }

  private fun products(type: String, peak: DevicePeak.Peak, manager: NDManager) =
    Finding(
      area,
      type,
      "${giga(peak.flopsPerSecond)} GFLOP/s in products of ${peak.size} x ${peak.size} on ${name(manager.device)}",
    )

  private fun name(device: Device) = if (device.isGpu) nameOf(device) else "the CPU"

  private fun giga(perSecond: Double) = "%.1f".format(Locale.ROOT, perSecond / 1e9)
}
