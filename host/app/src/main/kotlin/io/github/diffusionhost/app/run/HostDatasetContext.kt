package io.github.diffusionhost.app.run

import io.github.diffusionhost.api.dataset.DatasetContext
import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.api.dataset.Split
import java.nio.file.Path

/** What a dataset gets from the host while it is opened. */
class HostDatasetContext(
  private val dataFolder: Path,
  private val split: Split,
  private val seed: Long,
  private val download: (List<RemoteFile>) -> Unit,
) : DatasetContext {
  override fun dataFolder(): Path = dataFolder

  override fun split(): Split = split

  override fun seed(): Long = seed

  override fun download(files: List<RemoteFile>) = download.invoke(files)
}
