package io.github.diffusionhost.app.gpu

/** A device as the driver describes it. */
internal data class CudaDevice(val name: String, val capability: Capability)

/** What a machine's NVIDIA driver says of itself. */
internal sealed interface DriverAnswer {
  /** There is no driver here. */
  data object None : DriverAnswer

  /** There is one, and it does not work; [words] says what it answers. */
  data class Failed(val words: String) : DriverAnswer

  /**
   * @property cuda the newest CUDA that it is for: 12080 is 12.8
   * @property devices those that `CUDA_VISIBLE_DEVICES` leaves, in CUDA's order
   */
  data class Works(val cuda: Int, val devices: List<CudaDevice>) : DriverAnswer
}

/** Asks the driver, without libtorch and without CUDA's libraries. */
internal fun interface CudaDriver {
  fun ask(): DriverAnswer
}
