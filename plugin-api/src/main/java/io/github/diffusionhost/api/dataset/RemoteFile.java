package io.github.diffusionhost.api.dataset;

import java.net.URI;
import java.util.List;

/**
 * A file that the host can download.
 *
 * @param path where it goes, relative to the data folder, with forward slashes
 * @param mirrors where it comes from, tried in this order
 * @param bytes its size
 * @param sha256 its SHA-256 in lower-case hexadecimal
 */
public record RemoteFile(String path, List<URI> mirrors, long bytes, String sha256) {
  /** Copies the list. */
  public RemoteFile {
    mirrors = List.copyOf(mirrors);
  }
}
