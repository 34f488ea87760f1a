package io.github.diffusionhost.plugins.mnist

import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeBytes

/** The real files, where the checkout has them beside it. */
internal val realData: Path? =
  (System.getenv("DIFFUSIONHOST_SHARED") ?: "${System.getProperty("repository.root")}/../shared")
    .let { Path.of(it, "data") }
    .takeIf { Files.isRegularFile(it.resolve("mnist/train-images-idx3-ubyte.gz")) }

internal fun idxImages(vararg images: ByteArray, rows: Int = 2, columns: Int = 3): ByteArray =
  idx(0x803, listOf(images.size, rows, columns), images.fold(ByteArray(0), ByteArray::plus))

internal fun idxLabels(vararg labels: Int): ByteArray =
  idx(0x801, listOf(labels.size), ByteArray(labels.size) { labels[it].toByte() })

internal fun idx(magic: Int, sizes: List<Int>, content: ByteArray): ByteArray {
  val bytes = ByteArrayOutputStream()
  val out = DataOutputStream(bytes)
  out.writeInt(magic)
  sizes.forEach(out::writeInt)
  out.write(content)
  return bytes.toByteArray()
}

internal fun gzip(content: ByteArray): ByteArray =
  ByteArrayOutputStream().also { bytes -> GZIPOutputStream(bytes).use { it.write(content) } }.toByteArray()

/** Two images of 2 × 3 and their labels, each file replaceable, in `mnist` of the folder. */
internal fun Path.writeTraining(
  images: ByteArray = idxImages(byteArrayOf(0, 1, 2, 3, 4, 5), byteArrayOf(6, 7, 8, 9, 10, -1)),
  labels: ByteArray = idxLabels(7, 2),
  imagesName: String = "train-images-idx3-ubyte",
  labelsName: String = "train-labels-idx1-ubyte",
  under: String = "mnist",
): Path = apply {
  resolve(under).resolve(imagesName).createParentDirectories().writeBytes(images)
  resolve(under).resolve(labelsName).writeBytes(labels)
}
