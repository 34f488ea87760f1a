package io.github.diffusionhost.engine.batch;

import io.github.diffusionhost.engine.random.Streams;
import io.github.diffusionhost.engine.random.Streams.Purpose;
import java.util.SplittableRandom;

/**
 * The order in which training sees the images: every epoch a new permutation that depends on the
 * seed and the number of the epoch alone. Batches run on across the end of an epoch, so that every
 * batch is full.
 */
public final class BatchOrder {
  private final long seed;
  private final int size;
  private long epoch = -1;
  private int[] permutation = new int[0];

  /**
   * An order.
   *
   * @param size the number of images; positive
   */
  public BatchOrder(long seed, int size) {
    this.seed = seed;
    this.size = size;
  }

  /** The indices of {@code count} images, the first being the {@code position}-th of the run. */
  public int[] indices(long position, int count) {
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      long at = position + i;
      indices[i] = permutationOf(at / size)[(int) (at % size)];
    }
    return indices;
  }

  private int[] permutationOf(long wanted) {
    if (wanted != epoch) {
      permutation = shuffled(new SplittableRandom(Streams.seed(seed, Purpose.ORDER, wanted)));
      epoch = wanted;
    }
    return permutation;
  }

  /** Fisher and Yates's shuffle. */
  private int[] shuffled(SplittableRandom random) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
