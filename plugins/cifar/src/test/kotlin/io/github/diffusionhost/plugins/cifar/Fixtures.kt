package io.github.diffusionhost.plugins.cifar

import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.PlayedFolder
import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeBytes

/** The samples of the real layout, where the checkout has them beside it. */
internal val realData: Path? =
  (System.getenv("DIFFUSIONHOST_SHARED") ?: "${System.getProperty("repository.root")}/../shared")
    .let { Path.of(it, "data") }
    .takeIf { Files.isRegularFile(it.resolve("cifar-10-batches-bin-sample/data_batch_1.bin")) }

internal val defaults = CifarProvider().defaults()

internal fun options(vararg values: Pair<String, Any?>): CifarOptions = OptionsSpec.of(defaults).create(mapOf(*values))

internal fun open(
  data: Path,
  vararg values: Pair<String, Any?>,
  split: Split = Split.TRAIN,
): ImageDataset = CifarProvider().open(options(*values), PlayedFolder(data, split))

/** A record whose pixels tell plane and place: `100 · plane + row + column + its own first label`, modulo 256. */
internal fun record(vararg labels: Int): ByteArray =
  ByteArray(labels.size) { labels[it].toByte() } + pixels(labels.last()).map { it.toByte() }.toByteArray()

internal fun pixels(label: Int): List<Int> =
  List(3072) { i -> (100 * (i / 1024) + i % 1024 / 32 + i % 32 + label) and 255 }

internal fun records(vararg labels: Int): ByteArray = labels.fold(ByteArray(0)) { all, label -> all + record(label) }

internal val names10 = List(10) { "class $it" }.joinToString("\n", postfix = "\n\n").toByteArray()

/** Two short batches and a test batch. */
internal val sample10 =
  mapOf(
    "data_batch_1.bin" to records(3, 1, 4),
    "data_batch_2.bin" to records(9),
    "test_batch.bin" to records(2, 7),
    "batches.meta.txt" to names10,
  )

internal val sample100 =
  mapOf(
    "train.bin" to record(19, 99) + record(0, 5) + record(19, 98),
    "test.bin" to record(1, 2),
    "fine_label_names.txt" to List(100) { "fine $it\n" }.joinToString("").toByteArray(),
    "coarse_label_names.txt" to List(20) { "coarse $it\n" }.joinToString("").toByteArray(),
  )

internal fun Path.tree(files: Map<String, ByteArray>, under: String = "cifar-10-batches-bin"): Path = apply {
  for ((name, content) in files) resolve(under).resolve(name).createParentDirectories().writeBytes(content)
}

internal fun gzip(content: ByteArray): ByteArray =
  ByteArrayOutputStream().also { bytes -> GZIPOutputStream(bytes).use { it.write(content) } }.toByteArray()

/** A tar archive by the letter of POSIX; [entries] come as they are, ended by two blocks of zeros. */
internal fun tar(vararg entries: ByteArray): ByteArray = entries.fold(ByteArray(0), ByteArray::plus) + ByteArray(1024)

internal fun tar(files: Map<String, ByteArray>, under: String): ByteArray =
  tar(
    entry("$under/", ByteArray(0), type = '5'),
    *files.map { (name, data) -> entry("$under/$name", data) }.toTypedArray(),
  )

internal fun entry(
  name: String,
  content: ByteArray,
  type: Char = '0',
  size: String = "%011o".format(content.size),
  link: String = "",
): ByteArray {
  val header = ByteArray(512)
  fun put(at: Int, text: String) = text.toByteArray(Charsets.ISO_8859_1).copyInto(header, at)
  put(0, name)
  put(100, "0000644")
  put(124, size)
  put(136, "00000000000")
  put(148, "        ")
  put(156, "$type")
  put(157, link)
  put(257, "ustar\u000000")
  put(148, "%06o\u0000 ".format(header.sumOf { it.toInt() and 255 }))
  return header + content + ByteArray((512 - content.size % 512) % 512)
}
