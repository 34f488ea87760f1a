package io.github.diffusionhost.app.doctor

import ai.djl.Device
import io.github.diffusionhost.app.run.cpuModel

/**
 * What a device is called by its maker.
 *
 * @property driver version of a GPU's driver; null on the CPU
 */
internal data class DeviceModel(val name: String?, val driver: String?) {
  companion object {
    /** @param smi asks the driver's tool; null if it is not there */
    fun of(device: Device, smi: (List<String>) -> String? = { nvidiaSmi(it) }): DeviceModel {
      if (!device.isGpu) return DeviceModel(cpuModel(), null)
      val said =
        smi(listOf("--query-gpu=name,driver_version", "--format=csv,noheader", "--id=${device.deviceId}"))?.ifBlank {
          null
        }
      return DeviceModel(said?.substringBeforeLast(',')?.trim(), said?.substringAfterLast(',')?.trim())
    }
  }
}
