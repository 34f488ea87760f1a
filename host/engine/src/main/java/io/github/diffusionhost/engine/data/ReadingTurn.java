package io.github.diffusionhost.engine.data;

import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to read a dataset: one thread's at a time, in the order in which they ask. A
 * plugin that ends the process while it reads never gives its turn back, and the training that is
 * still to be saved would wait for it: such a thread is passed over.
 */
final class ReadingTurn {
  private static final long LOOK_MILLIS = 500;

  private final Predicate<Thread> gone;
  private volatile ReentrantLock lock = new ReentrantLock(true);
  private volatile @Nullable Thread holder;

  ReadingTurn() {
    this(ReadingTurn::exits);
  }

  /**
   * The same where somebody else knows who is gone.
   *
   * @param gone whether a thread will never go on
   */
  ReadingTurn(Predicate<Thread> gone) {
    this.gone = gone;
  }

  /**
   * Waits for the turn; takes it at once, before others who wait, if nobody reads.
   *
   * @return a thread that was passed over for it; null if there was none
   * @throws InterruptedIOException if the thread is interrupted while it waits; it stays so
   */
  @Nullable Thread take() throws InterruptedIOException {
    if (lock.tryLock()) {
      holder = Thread.currentThread();
      return null;
    }
    try {
      return await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped =
          new InterruptedIOException("interrupted while another thread read an image");
      stopped.initCause(e);
      throw stopped;
    }
  }

  /** Waits for the turn behind all others, whoever interrupts; the thread stays interrupted. */
  void takeAnyway() {
    boolean interrupted = false;
    while (!lock.isHeldByCurrentThread()) {
      try {
        await();
      } catch (InterruptedException e) {
        interrupted = true; // told below
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives the turn back; nothing happens if the thread was passed over. */
  void pass() {
    ReentrantLock own = lock;
    if (own.isHeldByCurrentThread()) {
      holder = null;
      own.unlock();
    }
  }

  // A lock that the JVM knows the owner of: so the host finds out for whose code a thread waits.
  private @Nullable Thread await() throws InterruptedException {
    Thread passedOver = null;
    for (ReentrantLock own = lock; !own.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS); own = lock) {
      Thread before = holder;
      if (before != null && gone.test(before)) {
        passOver(own);
        passedOver = before;
      }
    }
    holder = Thread.currentThread();
    return passedOver;
  }

  private synchronized void passOver(ReentrantLock taken) {
    if (lock == taken) {
      holder = null;
      lock = new ReentrantLock(true);
    }
  }

  private static boolean exits(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(
            frame ->
                frame.getClassName().equals(Runtime.class.getName())
                    && frame.getMethodName().equals("exit"));
  }
}
