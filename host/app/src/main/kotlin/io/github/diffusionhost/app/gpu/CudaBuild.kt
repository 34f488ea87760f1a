package io.github.diffusionhost.app.gpu

import java.util.Locale

/**
 * A build of libtorch for GPUs.
 *
 * @property version of libtorch: that of the CPU build, and of DJL's JNI library
 * @property flavour CUDA's version as DJL and PyTorch's index write it: `cu128` is 12.8
 */
internal data class CudaBuild(val version: String, val flavour: String) {
  /** The name of its folder. */
  val name = "$version-$flavour"

  /** Its version in PyTorch's index, and in the file `build-version` of libtorch's zip. */
  val wheelVersion = "$version+$flavour"

  val words = "libtorch $version for CUDA ${flavour.drop(2).dropLast(1)}.${flavour.last()}"

  companion object {
    /** The one that DJL's JNI library on the class path was linked against. */
    val NEEDED = CudaBuild("2.7.1", "cu128")

    /**
     * The oldest devices that it holds kernels for: 7.5, 8.0, 8.6, 9.0, 10.0, 12.0 and what follows (PyTorch's
     * `.ci/manywheel/build_cuda.sh` of release 2.7).
     */
    val OLDEST_CAPABILITY = Capability(7, 5)

    /** The oldest driver, as `cuDriverGetVersion` says it: minor versions of CUDA 12 go together. */
    const val OLDEST_CUDA = 12_000

    /** The same by the driver's own number (NVIDIA, "CUDA Compatibility", table of minor version compatibility). */
    const val OLDEST_DRIVER = "525.60.13"
  }
}

/** What a device computes with, by CUDA's numbers: 7.5 is Turing, 8.0 Ampere, 9.0 Hopper. */
internal data class Capability(val major: Int, val minor: Int) : Comparable<Capability> {
  override fun compareTo(other: Capability): Int = compareValuesBy(this, other, { it.major }, { it.minor })

  override fun toString() = "%d.%d".format(Locale.ROOT, major, minor)
}
