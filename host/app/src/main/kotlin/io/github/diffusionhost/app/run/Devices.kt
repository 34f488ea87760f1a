package io.github.diffusionhost.app.run

import ai.djl.Device
import ai.djl.engine.Engine
import ai.djl.util.cuda.CudaUtils
import io.github.diffusionhost.app.config.DeviceChoice
import io.github.diffusionhost.app.gpu.LibtorchChoice
import io.github.diffusionhost.app.gpu.LibtorchDoor
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.device.DeviceRoom
import io.github.diffusionhost.engine.options.TrainOptions.Matmul
import java.lang.management.MemoryUsage
import org.slf4j.LoggerFactory

/**
 * The device of a run. The first to ask for one decides which libtorch the process loads.
 *
 * @throws UserError if it is not there
 */
fun deviceOf(choice: DeviceChoice, matmul: Matmul = Matmul.HIGHEST): Device =
  deviceOf(choice, LibtorchDoor(), arithmetic = { useArithmetic(matmul) })

/** @param arithmetic called if it is a GPU, before anything computes on it */
internal fun deviceOf(
  choice: DeviceChoice,
  door: LibtorchDoor,
  arithmetic: () -> Unit = {},
  gpus: () -> Int = ::gpus,
): Device {
  val libtorch = door.open(choice)
  val device =
    when (choice) {
      DeviceChoice.Auto -> if (gpus() > 0) Device.gpu(0) else Device.cpu().also { tellOfUseless(libtorch) }
      DeviceChoice.Cpu -> Device.cpu()
      is DeviceChoice.Gpu -> gpu(choice, libtorch, gpus)
    }
  if (device.isGpu) arithmetic()
  return device
}

private fun gpu(choice: DeviceChoice.Gpu, libtorch: LibtorchChoice, gpus: () -> Int): Device {
  if (choice.numbers.size > 1) {
    throw UserError("device $choice: a run uses one device; name one of them", ExitCode.USAGE)
  }
  val number = choice.numbers.firstOrNull() ?: 0
  val there = gpus()
  if (number >= there) {
    val found =
      when {
        there > 0 -> "this machine has $there GPUs, counted from 0"
        libtorch.obstacle != null -> "${libtorch.obstacle}"
        libtorch.installed -> useless(libtorch)
        else -> "this machine has no GPU that the installed PyTorch library can use"
      }
    throw UserError("device $choice: $found; see docs/guides/GPU.md, or use --device cpu", ExitCode.USAGE)
  }
  return Device.gpu(number)
}

private fun tellOfUseless(libtorch: LibtorchChoice) {
  val log = LoggerFactory.getLogger("io.github.diffusionhost.app.run.Devices")
  if (libtorch.installed) log.info("The CPU is used: {}", useless(libtorch))
}

/** It was loaded, and does not see the device that the driver names. */
private fun useless(libtorch: LibtorchChoice) = "libtorch, ${libtorch.why}, cannot use it; host doctor says more"

/** `cpu` or `gpu:N`, as `--device` takes it. */
internal fun nameOf(device: Device) = if (device.isGpu) "gpu:${device.deviceId}" else "cpu"

private fun gpus() = Engine.getEngine("PyTorch").gpuCount

/** Bytes that one part of the program may take without asking: a quarter of what is free on the device. */
fun memoryToUse(device: Device): Long = memoryToUse(device, CudaUtils::getGpuMemory)

internal fun memoryToUse(device: Device, gpu: (Device) -> MemoryUsage): Long {
  val free = if (device.isGpu) gpu(device).let { it.max - it.committed } else DeviceRoom.available()
  return free / 4
}
