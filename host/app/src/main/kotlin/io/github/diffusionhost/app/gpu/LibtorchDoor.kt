package io.github.diffusionhost.app.gpu

import io.github.diffusionhost.app.config.DeviceChoice
import org.slf4j.LoggerFactory

/**
 * The door through which every command goes that may compute on a GPU, before DJL is used for the first time: a process
 * has one libtorch, the first that it loads.
 */
internal class LibtorchDoor(
  private val installations: Installations = Installations.ofUser(),
  private val driver: CudaDriver = NativeCudaDriver(),
  private val variables: Map<String, String> = System.getenv(),
  private val property: (String) -> String? = System::getProperty,
  private val set: (String, String) -> Unit = { name, value -> System.setProperty(name, value) },
) {
  /** What [open] would choose; changes nothing. */
  fun look(device: DeviceChoice): LibtorchChoice {
    val names = LibtorchChooser.NAMES + LibtorchChooser.JNA
    val given = names.mapNotNull { name -> (variables[name] ?: property(name))?.let { name to it } }.toMap()
    return LibtorchChooser(CudaBuild.NEEDED, { installations.of(CudaBuild.NEEDED) }, driver).choose(device, given)
  }

  /** Chooses the libtorch of this process, and says so if that is not what one would expect. */
  fun open(device: DeviceChoice): LibtorchChoice {
    val choice = look(device)
    choice.properties.forEach(set)
    val obstacle = choice.obstacle
    if (device == DeviceChoice.Auto && obstacle != null && obstacle != LibtorchChooser.NO_DRIVER) {
      LoggerFactory.getLogger(javaClass).info("The CPU is used: {}", obstacle)
    }
    return choice
  }
}
