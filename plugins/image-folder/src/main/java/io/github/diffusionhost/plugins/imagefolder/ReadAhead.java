package io.github.diffusionhost.plugins.imagefolder;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Decodes images on a few threads while the caller takes them in the order of the index. What is
 * decoded ahead is bounded; a jump to another index drops it.
 */
final class ReadAhead implements AutoCloseable {
  /** Decodes one image; called from several threads. */
  interface Loader {
    byte[] load(int index) throws IOException;
  }

  private static final int MOST_BYTES_AHEAD = 64 << 20;

  private final int size;
  private final Loader loader;
  private final int window;
  private final ExecutorService threads;
  private final Deque<Future<byte[]>> ahead = new ArrayDeque<>();
  private int next;

  /**
   * @param size how many images there are
   * @param imageBytes of one decoded image
   */
  ReadAhead(int size, int imageBytes, Loader loader) {
    this.size = size;
    this.loader = loader;
    // While it is decoded, the largest image takes some 500 MB.
    long byMemory = Runtime.getRuntime().maxMemory() >> 29;
    int workers =
        (int)
            Math.max(
                1, Math.min(Math.min(8, byMemory), Runtime.getRuntime().availableProcessors()));
    this.window = Math.max(workers, Math.min(64 * workers, MOST_BYTES_AHEAD / imageBytes));
    this.threads =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, "image-folder");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Image {@code index}. */
  byte[] get(int index) throws IOException {
    if (index != next) {
      drop();
      next = index;
    }
    while (ahead.size() < window && next + ahead.size() < size) {
      int later = next + ahead.size();
      ahead.add(threads.submit(() -> loader.load(later)));
    }
    next++;
    return await(ahead.remove());
  }

  private static byte[] await(Future<byte[]> image) throws IOException {
    try {
      return image.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while an image was decoded");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      } else if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void drop() {
    ahead.forEach(image -> image.cancel(false));
    ahead.clear();
  }

  @Override
  public void close() {
    drop();
    threads.shutdownNow();
  }
}
