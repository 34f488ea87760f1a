package io.github.diffusionhost.engine.download;

import io.github.diffusionhost.api.dataset.RemoteFile;

/** Is told how a download goes on, a few times a second, from the thread that asked for it. */
@FunctionalInterface
public interface DownloadProgress {
  /** Tells nobody. */
  DownloadProgress NONE = (file, bytes) -> {};

  /**
   * So much of a file is there.
   *
   * @param file which; its size is {@link RemoteFile#bytes()}
   * @param bytes how many of its bytes are on the disk, those of an earlier attempt included
   */
  void update(RemoteFile file, long bytes);
}
