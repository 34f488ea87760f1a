package io.github.diffusionhost.engine.support

import ai.djl.Device
import org.mockito.MockMakers
import org.mockito.Mockito.doReturn
import org.mockito.Mockito.mock
import org.mockito.Mockito.withSettings

/**
 * A device that is a GPU to whoever asks, and the CPU to the code that computes: what is chosen for GPUs runs without
 * one. Only what PyTorch does differently there is not seen.
 */
fun pretendedGpu(): Device {
  val settings =
    withSettings().mockMaker(MockMakers.SUBCLASS).defaultAnswer { call ->
      error("nothing is known of ${call.method.name} of a GPU")
    }
  val device = mock(Device::class.java, settings)
  doReturn(true).`when`(device).isGpu
  doReturn("cpu").`when`(device).deviceType
  doReturn(0).`when`(device).deviceId
  doReturn("gpu(0)").`when`(device).toString()
  return device
}
