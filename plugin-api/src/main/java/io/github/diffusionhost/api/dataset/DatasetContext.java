package io.github.diffusionhost.api.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What the host gives to a dataset that is being opened. */
public interface DatasetContext {
  /** The folder under which datasets keep their files; may not exist yet. */
  Path dataFolder();

  /** The part of the dataset that is wanted. */
  Split split();

  /** The seed of the run, for datasets that draw their images. */
  long seed();

  /**
   * Downloads the files that are not there yet, with progress and checksums; a file appears under
   * its name only when it is complete.
   *
   * @throws IOException if one cannot be had; the message names each file, its mirrors and where a
   *     person can put it by hand
   */
  void download(List<RemoteFile> files) throws IOException;
}
