package io.github.diffusionhost.engine.support

import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.ImageDataset
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import java.nio.file.Path

/** A data folder and a record of what was asked to be downloaded; [onDownload] plays the network. */
class PlayedFolder(
  private val data: Path,
  private val split: Split = Split.TRAIN,
  private val onDownload: (List<RemoteFile>) -> Unit = { check(it.isEmpty()) { "nothing may be downloaded" } },
) : DatasetContext {
  val downloads = mutableListOf<RemoteFile>()

  override fun dataFolder() = data

  override fun split() = split

  override fun seed() = 0L

  override fun download(files: List<RemoteFile>) {
    downloads += files
    onDownload(files)
  }
}

/** The pixels of an image, channel by channel. */
fun ImageDataset.image(index: Int): List<Int> =
  ByteArray(shape().elements()).also { read(index, it, 0) }.map { it.toInt() and 255 }

/** The labels of all images. */
fun ImageDataset.labels(): List<Int> = (0 until size()).map(::label)
