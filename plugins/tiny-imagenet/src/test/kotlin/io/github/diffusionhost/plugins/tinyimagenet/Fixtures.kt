package io.github.diffusionhost.plugins.tinyimagenet

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.Split
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.support.PlayedFolder
import io.github.diffusionhost.engine.support.image
import io.kotest.core.listeners.BeforeSpecListener
import io.kotest.core.spec.Spec
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import javax.imageio.ImageIO
import kotlin.io.path.createParentDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.outputStream
import kotlin.io.path.writeBytes
import org.slf4j.LoggerFactory

/** The sample of the published layout, where the checkout has it beside it. */
internal val sample: Path? =
  (System.getenv("DIFFUSIONHOST_SHARED") ?: "${System.getProperty("repository.root")}/../shared")
    .let { Path.of(it, "data", "tiny-imagenet-200-sample") }
    .takeIf { Files.isRegularFile(it.resolve("wnids.txt")) }

internal val defaults = TinyImagenetProvider().defaults()

internal fun options(vararg values: Pair<String, Any?>): TinyImagenetOptions =
  OptionsSpec.of(defaults).create(mapOf(*values))

internal fun open(
  data: Path,
  vararg values: Pair<String, Any?>,
  split: Split = Split.TRAIN,
): ImageDataset = TinyImagenetProvider().open(options(*values), PlayedFolder(data, split))

/** The grey value of each image; images of [set] have one. */
internal fun ImageDataset.greys(): List<Int> = (0 until size()).map { image(it)[2000] }

/** A JPEG of one grey value, as three colours or as grey alone. */
internal fun jpeg(value: Int, edge: Int = 64, type: Int = BufferedImage.TYPE_INT_RGB): ByteArray {
  val image = BufferedImage(edge, edge, type)
  for (y in 0 until edge) for (x in 0 until edge) for (band in 0 until image.raster.numBands) {
    image.raster.setSample(x, y, band, value)
  }
  return ByteArrayOutputStream().also { ImageIO.write(image, "jpeg", it) }.toByteArray()
}

/** Two classes, listed in no sorted order; three images of one, two of the other, two for validation. */
internal val set: Map<String, ByteArray> =
  mapOf(
    "wnids.txt" to "n02\nn01\n".toByteArray(),
    "words.txt" to "n00\tentity\nn01\tgoldfish, Carassius auratus\nn02\tbell toad\n".toByteArray(),
    "train/n01/images/n01_0.JPEG" to jpeg(10),
    "train/n01/images/n01_1.JPEG" to jpeg(20),
    "train/n01/images/n01_2.JPEG" to jpeg(30),
    "train/n01/n01_boxes.txt" to "n01_0.JPEG\t0\t0\t63\t63\n".toByteArray(),
    "train/n02/images/n02_0.JPEG" to jpeg(110),
    "train/n02/images/n02_1.JPEG" to jpeg(120),
    "val/images/val_0.JPEG" to jpeg(200),
    "val/images/val_1.JPEG" to jpeg(210),
    "val/val_annotations.txt" to "val_0.JPEG\tn02\t0\t32\t44\t62\nval_1.JPEG\tn01\t1\t2\t3\t4\n".toByteArray(),
    "test/images/test_0.JPEG" to "not looked at".toByteArray(),
  )

internal const val NAME = "tiny-imagenet-200"

internal fun Path.tree(files: Map<String, ByteArray>, under: String = NAME): Path = apply {
  for ((name, content) in files) resolve(under).resolve(name).createParentDirectories().writeBytes(content)
}

/** A zip, the names below [under]. */
internal fun Path.zip(files: Map<String, ByteArray>, under: String = "$NAME/"): Path = apply {
  ZipOutputStream(outputStream()).use { zip ->
    for ((name, content) in files) {
      zip.putNextEntry(ZipEntry(under + name))
      zip.write(content)
    }
  }
}

/** The packed files of a data folder. */
internal fun Path.packed(): List<Path> = left().filter { it.name.endsWith(".packed") }

/** Everything in the folder of packed files but locks. */
internal fun Path.left(): List<Path> =
  resolve("tiny-imagenet").let { folder ->
    if (folder.exists()) folder.listDirectoryEntries().filter { !it.name.endsWith(".lock") }.sorted() else listOf()
  }

private const val PACKAGE = "io.github.diffusionhost.plugins.tinyimagenet"

/** Keeps warnings about samples off the console; an appender of the package's own logger still gets them. */
internal object KeepWarnings : BeforeSpecListener {
  override suspend fun beforeSpec(spec: Spec) {
    (LoggerFactory.getLogger(PACKAGE) as Logger).isAdditive = false
  }
}

/** What the plugin logs meanwhile. */
internal fun logged(block: () -> Unit): List<String> {
  val appender = ListAppender<ILoggingEvent>().also { it.start() }
  val logger = LoggerFactory.getLogger(PACKAGE) as Logger
  val level = logger.level
  logger.addAppender(appender)
  logger.level = Level.INFO
  try {
    block()
  } finally {
    logger.level = level
    logger.detachAppender(appender)
  }
  return appender.list.map { it.formattedMessage }
}
