package io.github.diffusionhost.plugins.imagefolder

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.engine.support.image
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.CRC32
import java.util.zip.Deflater
import java.util.zip.DeflaterOutputStream
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.createDirectories
import kotlin.io.path.createParentDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.writeBytes

/** `shared` beside the checkout. */
internal val shared: Path =
  Path.of(System.getenv("DIFFUSIONHOST_SHARED") ?: "${System.getProperty("repository.root")}/../shared")

internal fun options(path: Path?, vararg values: Pair<String, Any?>): ImageFolderOptions =
  OptionsSpec.of(ImageFolderProvider().defaults()).create(mapOf("path" to path?.toString(), *values))

internal fun open(
  path: Path?,
  vararg values: Pair<String, Any?>,
  split: Split = Split.TRAIN,
  data: Path = Path.of("no-data-folder"),
): ImageDataset = ImageFolderProvider().open(options(path, *values), PlayedFolder(data, split))

internal fun ImageDataset.images(): List<List<Int>> = (0 until size()).map { image(it) }

/** Writes files by name; a name that ends in a slash makes an empty folder. */
internal fun Path.tree(files: Map<String, ByteArray>): Path = apply {
  for ((name, content) in files) {
    val path = resolve(name)
    if (name.endsWith("/")) path.createDirectories() else path.createParentDirectories().writeBytes(content)
  }
}

internal fun Path.tree(vararg names: String): Path = tree(numbered(*names))

/** The same as a zip, in the order given. */
internal fun Path.zip(files: Map<String, ByteArray>): Path = apply {
  ZipOutputStream(outputStream()).use { zip ->
    for ((name, content) in files) {
      zip.putNextEntry(ZipEntry(name))
      zip.write(content)
    }
  }
}

/** One grey pixel for each image, its value the image's place in the list; other files are text. */
internal fun numbered(vararg names: String): Map<String, ByteArray> =
  names.withIndex().associate { (i, name) ->
    name to if (Regex("(?i).*(png|jpe?g)").matches(name)) grey(1, 1, i) else "text".toByteArray()
  }

internal fun grey(width: Int, height: Int, vararg samples: Int): ByteArray = png(width, height, 0, samples.asList())

/**
 * A PNG written by the letter of its specification. Colour types: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and
 * alpha.
 */
internal fun png(
  width: Int,
  height: Int,
  colourType: Int,
  samples: List<Int>,
  bits: Int = 8,
  palette: List<Int> = emptyList(),
): ByteArray {
  val bytes = ByteArrayOutputStream()
  val out = DataOutputStream(bytes)
  out.writeLong(-0x76afb1b8f2f5e5f6L)
  out.chunk("IHDR") {
    writeInt(width)
    writeInt(height)
    write(byteArrayOf(bits.toByte(), colourType.toByte(), 0, 0, 0))
  }
  if (palette.isNotEmpty()) out.chunk("PLTE") { palette.forEach { write(it) } }
  out.chunk("IDAT") {
    val rows = ByteArrayOutputStream()
    DataOutputStream(DeflaterOutputStream(rows, Deflater(Deflater.BEST_SPEED))).use { deflated ->
      if (samples.isNotEmpty()) {
        for (row in samples.chunked(samples.size / height)) {
          deflated.write(0)
          row.forEach { if (bits == 16) deflated.writeShort(it) else deflated.write(it) }
        }
      }
    }
    write(rows.toByteArray())
  }
  out.chunk("IEND") {}
  return bytes.toByteArray()
}

private fun DataOutputStream.chunk(type: String, content: DataOutputStream.() -> Unit) {
  val data = ByteArrayOutputStream().also { DataOutputStream(it).content() }.toByteArray()
  val named = type.toByteArray(Charsets.US_ASCII) + data
  writeInt(data.size)
  write(named)
  writeInt(CRC32().apply { update(named) }.value.toInt())
}

internal fun exists(path: Path) = Files.exists(path)
