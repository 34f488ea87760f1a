package io.github.diffusionhost.engine.data;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.engine.contract.Returned;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/**
 * Reads images of a dataset, each into a place of its own first: one that was written beside its
 * place would be in another image without a word. For one thread at a time.
 */
final class ImageReader {
  private static final int GUARD = 64;

  private final ImageDataset source;
  private final int elements;
  private final byte[] guard = new byte[GUARD];
  private final byte[] place;

  ImageReader(ImageDataset source) {
    this.source = source;
    this.elements = source.shape().elements();
    new Random(GUARD).nextBytes(guard); // no row of pixels looks like that
    this.place = new byte[GUARD + elements + GUARD];
    System.arraycopy(guard, 0, place, 0, GUARD);
    System.arraycopy(guard, 0, place, GUARD + elements, GUARD);
  }

  /**
   * Reads an image.
   *
   * @param offset where it begins in {@code target}
   * @throws IOException if it cannot be read
   * @throws io.github.diffusionhost.engine.contract.WrongResultException if the dataset wrote
   *     beside the place that it was given
   */
  void read(int index, byte[] target, int offset) throws IOException {
    Returned returned = new Returned(source, "read");
    returned.after(() -> source.read(index, place, GUARD));
    int end = GUARD + elements;
    if (!Arrays.equals(place, 0, GUARD, guard, 0, GUARD)
        || !Arrays.equals(place, end, end + GUARD, guard, 0, GUARD)) {
      throw returned.wrong(
          "of image "
              + index
              + " it wrote beside the "
              + elements
              + " bytes from the offset that it was given");
    }
    System.arraycopy(place, GUARD, target, offset, elements);
  }
}
