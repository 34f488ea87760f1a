package io.github.diffusionhost.engine.data;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.engine.contract.Returned;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All reads of a dataset's images: never two at a time, whichever thread asks, and some of them
 * ahead of use, in a second thread. That ends when it has had nothing to do for a second, or when
 * these are closed.
 */
final class ImageReads implements AutoCloseable {
  /** The name of the second thread. */
  static final String THREAD = "images ahead";

  private final ImageDataset source;
  private final ImageReader reader;
  private final ReadingTurn turn;
  private final ThreadPoolExecutor second;
  private volatile @Nullable Ahead atWork;
  private volatile boolean closed;

  /** A part that is read ahead, and where. */
  private record Ahead(Thread thread, ImagePart part) {}

  ImageReads(ImageDataset source) {
    this(source, new ReadingTurn());
  }

  ImageReads(ImageDataset source, ReadingTurn turn) {
    this.source = source;
    this.reader = new ImageReader(source);
    this.turn = turn;
    this.second =
        new ThreadPoolExecutor(
            1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);
    second.allowCoreThreadTimeOut(true);
  }

  /**
   * Reads an image now.
   *
   * @param offset where it begins in {@code target}
   * @throws IOException if it cannot be read, or the thread is interrupted while it waits for
   *     another read
   */
  void read(int index, byte[] target, int offset) throws IOException {
    take();
    try {
      reader.read(index, target, offset);
    } finally {
      turn.pass();
    }
  }

  /** Begins to read a part in the second thread. */
  void begin(ImagePart part) {
    if (!closed) {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      second.execute(() -> readAhead(part, loader));
    }
  }

  /**
   * Reads what is left of a part: waits at most for the image at hand, and reads the others itself.
   *
   * @throws IOException if an image cannot be read, then or before, or the thread is interrupted
   *     while it waits
   */
  void finish(ImagePart part) throws IOException {
    take();
    try {
      while (part.open()) {
        part.readNext(reader);
      }
      part.check();
    } finally {
      turn.pass();
    }
  }

  /** Ends the second thread after the image at hand. Others may go on reading. */
  @Override
  public void close() {
    closed = true;
    turn.takeAnyway();
    turn.pass();
    second.shutdown();
  }

  private void take() throws IOException {
    Thread passedOver = turn.take();
    Ahead ahead = atWork;
    if (passedOver != null && ahead != null && ahead.thread == passedOver) {
      ahead.part.fail(
          new Returned(source, "read").wrong("it called System.exit, which ends the host"));
    }
  }

  private void readAhead(ImagePart part, @Nullable ClassLoader loader) {
    Thread.currentThread().setContextClassLoader(loader);
    atWork = new Ahead(Thread.currentThread(), part);
    while (readOneOf(part)) {}
    atWork = null;
    Thread.currentThread().setContextClassLoader(null);
  }

  /** Others who read get their turn between two images. */
  private boolean readOneOf(ImagePart part) {
    turn.takeAnyway();
    try {
      if (closed || !part.open()) {
        return false;
      }
      part.readNext(reader);
      return true;
    } finally {
      turn.pass();
    }
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(null, work, THREAD, 0, false);
    thread.setDaemon(true);
    return thread;
  }
}
