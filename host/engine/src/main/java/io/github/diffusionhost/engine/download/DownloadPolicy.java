package io.github.diffusionhost.engine.download;

import java.time.Duration;

/**
 * How patient a download is.
 *
 * @param attempts tries per mirror, from 1, for what may pass: no connection, a broken one, a busy
 *     server
 * @param backoff the pause before the second try; doubles with each further one
 * @param connectTimeout for a connection to be made
 * @param stallTimeout for the answer to begin, and then for more bytes to come
 */
public record DownloadPolicy(
    int attempts, Duration backoff, Duration connectTimeout, Duration stallTimeout) {
  /** 3 tries a second apart; 10 s for a connection, 30 s without a byte. */
  public static final DownloadPolicy DEFAULT =
      new DownloadPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(30));

  /** Checks the number of tries. */
  public DownloadPolicy {
    if (attempts < 1) {
      throw new IllegalArgumentException("a download needs 1 attempt or more, not " + attempts);
    }
  }

  /** The pause before try {@code attempt}, counted from 0; none before the first. */
  Duration pauseBefore(int attempt) {
    return attempt == 0 ? Duration.ZERO : backoff.multipliedBy(1L << Math.min(attempt - 1, 10));
  }
}
