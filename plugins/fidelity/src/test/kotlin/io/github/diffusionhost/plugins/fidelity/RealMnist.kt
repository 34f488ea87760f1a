package io.github.diffusionhost.plugins.fidelity

import io.github.diffusionhost.api.dataset.ImageShape
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.GZIPInputStream

/** The real digits beside the repository; null where they are not. */
object RealMnist {
  private val folder: Path? =
    (System.getenv("DIFFUSIONHOST_SHARED")?.let(Path::of)
        ?: Path.of(System.getProperty("repository.root"), "..", "shared"))
      .resolve("data/mnist")
      .takeIf(Files::isDirectory)

  val present
    get() = folder != null

  val train by lazy { read("train") }
  val test by lazy { read("t10k") }

  private fun read(name: String): Pictures {
    val pixels = unzip("$name-images-idx3-ubyte.gz").without(16)
    val labels = unzip("$name-labels-idx1-ubyte.gz").without(8)
    val images = List(labels.size) { pixels.copyOfRange(it * 784, (it + 1) * 784) }
    return Pictures(ImageShape(1, 28, 28), images, labels.map { it.toInt() })
  }

  private fun unzip(name: String): ByteArray =
    GZIPInputStream(Files.newInputStream(folder!!.resolve(name))).use { it.readAllBytes() }

  private fun ByteArray.without(header: Int) = copyOfRange(header, size)
}
