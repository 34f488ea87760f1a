package io.github.diffusionhost.app.gpu

import kotlinx.serialization.Serializable

/** A file of an installation: its [path] in there with forward slashes, and what was written. */
@Serializable internal data class InstalledFile(val path: String, val bytes: Long, val sha256: String)

/**
 * `installation.json`: what an installation holds and where it is from.
 *
 * @property source an index's address, or folders and files
 * @property date when it was made, in ISO 8601
 * @property libraries the folder in it that libtorch's libraries are in
 * @property cudart the folder in it in which CUDA's runtime has the name [CUDART]
 */
@Serializable
internal data class InstallationRecord(
  val version: String,
  val flavour: String,
  val source: String,
  val date: String,
  val libraries: String,
  val cudart: String,
  val files: List<InstalledFile>,
) {
  val build: CudaBuild
    get() = CudaBuild(version, flavour)

  companion object {
    const val FILE = "installation.json"

    /** As JNA asks for CUDA's runtime: one of another name is not found, or one of the system's is found before it. */
    const val CUDART = "libcudart.so"
  }
}
