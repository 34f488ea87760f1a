package io.github.diffusionhost.plugins.tinyimagenet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes images on a few threads and packs them in their order. */
final class Packing {
  private static final Logger LOG = LoggerFactory.getLogger(Packing.class);
  private static final int MOST_THREADS = 8;
  private static final int AHEAD = 64;
  private static final long LINE_NANOS = 5_000_000_000L;

  private final SetFiles files;
  private final Images images;
  private final int window;
  private final ExecutorService threads;
  private final Deque<Future<byte[]>> ahead = new ArrayDeque<>();

  private Packing(SetFiles files, Images images) {
    this.files = files;
    this.images = images;
    int workers = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    this.window = workers * AHEAD;
    this.threads =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, "tiny-imagenet");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Adds every image, with a line on the progress now and then.
   *
   * @throws IOException if one cannot be read or decoded; the message names it
   */
  static void pack(SetFiles files, Images images, PackedWriter writer) throws IOException {
    Packing packing = new Packing(files, images);
    try {
      packing.run(writer);
    } finally {
      packing.threads.shutdownNow();
    }
  }

  private void run(PackedWriter writer) throws IOException {
    int count = images.list().size();
    long line = System.nanoTime() + LINE_NANOS;
    for (int done = 0; done < count; done++) {
      while (ahead.size() < window && done + ahead.size() < count) {
        Images.Image image = images.list().get(done + ahead.size());
        ahead.add(threads.submit(() -> decode(image)));
      }
      writer.add(await(ahead.remove()));
      if (System.nanoTime() > line) {
        LOG.info(
            String.format(Locale.ROOT, "tiny-imagenet: packed %,d of %,d images", done + 1, count));
        line += LINE_NANOS;
      }
    }
  }

  private byte[] decode(Images.Image image) throws IOException {
    String name = image.file().name();
    return JpegDecoder.decode(files.where(name), files.read(name));
  }

  private static byte[] await(Future<byte[]> image) throws IOException {
    try {
      return image.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while images were packed");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      } else if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
