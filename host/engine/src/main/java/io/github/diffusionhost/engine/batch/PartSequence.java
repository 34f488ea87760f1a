package io.github.diffusionhost.engine.batch;

/**
 * Foresees which images are asked for next from those that were: parts of batches that follow each
 * other, while others are asked for between them, out of turn.
 */
final class PartSequence {
  /** There is nothing to foresee. */
  static final long NOTHING = -1;

  private final int batchSize;
  private long next = NOTHING;
  private long last = NOTHING;
  private boolean manyBatches;

  /**
   * Nothing was asked for.
   *
   * @param batchSize images of a whole batch
   */
  PartSequence(int batchSize) {
    this.batchSize = batchSize;
  }

  /**
   * What follows a part: only once two have followed each other, and across the end of a batch only
   * once that has happened.
   *
   * @param position its first image among all of the run
   * @param count its images
   * @return the first image of the next part, or {@link #NOTHING}
   */
  long after(long position, int count) {
    boolean follows = position == next || position == last;
    last = position + count;
    if (!follows) {
      return NOTHING;
    }
    next = last;
    manyBatches |= position % batchSize == 0;
    return manyBatches || next % batchSize != 0 ? next : NOTHING;
  }

  /** How many images the part from a position on has, if it is like the one before it. */
  int count(long position, int before) {
    return (int) Math.min(before, batchSize - position % batchSize);
  }
}
