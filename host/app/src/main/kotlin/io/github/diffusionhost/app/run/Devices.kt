package io.github.diffusionhost.app.run

import ai.djl.Device
import ai.djl.engine.Engine
import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.config.DeviceChoice

/**
 * The device of a run.
 *
 * @throws UserError if it is not there
 */
fun deviceOf(choice: DeviceChoice): Device =
  when (choice) {
    DeviceChoice.Auto -> if (gpus() > 0) Device.gpu(0) else Device.cpu()
    DeviceChoice.Cpu -> Device.cpu()
    is DeviceChoice.Gpu -> gpu(choice)
  }

private fun gpu(choice: DeviceChoice.Gpu): Device {
  if (choice.numbers.size > 1) {
    throw UserError("device $choice: a run uses one device; name one of them", ExitCode.USAGE)
  }
  val number = choice.numbers.firstOrNull() ?: 0
  val there = gpus()
  if (number >= there) {
    val found = if (there == 0) "no GPU that the installed PyTorch library can use" else "$there GPUs, counted from 0"
    throw UserError(
      "device $choice: this machine has $found; see \"GPU\" in the README, or use --device cpu",
      ExitCode.USAGE,
    )
  }
  return Device.gpu(number)
}

private fun gpus() = Engine.getEngine("PyTorch").gpuCount
