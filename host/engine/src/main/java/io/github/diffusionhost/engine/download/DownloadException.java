package io.github.diffusionhost.engine.download;

import java.io.IOException;

/**
 * Files that could not be had; the message names each, what every mirror answered, and where to put
 * it by hand.
 */
public final class DownloadException extends IOException {
  private static final long serialVersionUID = 1L;

  DownloadException(String message) {
    super(message);
  }
}
