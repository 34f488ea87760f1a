package io.github.diffusionhost.engine.data;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Images that are wanted together, read one after another by whoever's turn it is. What is wrong
 * with one is kept for the thread that asks for them. Only who has the {@link ReadingTurn} may
 * touch it, but for {@link #drop}.
 */
final class ImagePart {
  private final int[] indices;
  private final int elements;
  private final byte[] pixels;
  private int read;
  private @Nullable Throwable failure;
  private volatile boolean dropped;

  /**
   * A part of which nothing is read.
   *
   * @param elements the bytes of an image
   * @param pixels takes the images one after another
   */
  ImagePart(int[] indices, int elements, byte[] pixels) {
    this.indices = indices.clone();
    this.elements = elements;
    this.pixels = pixels;
  }

  /** Whether it is of these images, in this order. */
  boolean isOf(int[] wanted) {
    return Arrays.equals(indices, wanted);
  }

  /** The images read so far, one after another. */
  byte[] pixels() {
    return pixels;
  }

  /** Nobody wants it any more; its memory stays that of the thread that may be reading. */
  void drop() {
    dropped = true;
  }

  /** Whether there is more to read of it, and somebody who wants it. */
  boolean open() {
    return read < indices.length && failure == null && !dropped;
  }

  /** Reads the next image; what is thrown is kept. */
  void readNext(ImageReader reader) {
    try {
      reader.read(indices[read], pixels, read * elements);
      read++;
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** It cannot be read, for this reason. */
  void fail(Throwable reason) {
    failure = reason;
  }

  /**
   * Throws what has been kept, as it was thrown.
   *
   * @throws IOException if an image cannot be read
   */
  void check() throws IOException {
    if (failure != null) {
      ImagePart.<IOException>rethrow(failure);
    }
  }

  /** A plugin in Kotlin may throw what it does not declare. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void rethrow(Throwable thrown) throws E {
    throw (E) thrown;
  }
}
