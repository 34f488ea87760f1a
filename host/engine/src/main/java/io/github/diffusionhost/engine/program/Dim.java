package io.github.diffusionhost.engine.program;

/**
 * A size that may depend on the number of images N of a batch: {@code perImage·N + fixed}.
 *
 * @param perImage the share of each image
 * @param fixed the rest
 */
public record Dim(long perImage, long fixed) {
  /** N. */
  public static final Dim BATCH = new Dim(1, 0);

  /** A size that does not depend on the batch. */
  public static Dim of(long size) {
    return new Dim(0, size);
  }

  /** Whether it is the same for every batch. */
  public boolean isFixed() {
    return perImage == 0;
  }

  /** Whether it is this number for every batch. */
  public boolean is(long size) {
    return perImage == 0 && fixed == size;
  }

  /** The size for a batch of {@code images}. */
  public long at(long images) {
    return Math.addExact(Math.multiplyExact(perImage, images), fixed);
  }

  /** The product, if it is of this form. */
  public Dim times(Dim other) {
    if (!isFixed() && !other.isFixed()) {
      throw new IllegalArgumentException("a size is never quadratic in the batch");
    }
    Dim scaled = isFixed() ? other : this;
    long factor = isFixed() ? fixed : other.fixed;
    return new Dim(
        Math.multiplyExact(scaled.perImage, factor), Math.multiplyExact(scaled.fixed, factor));
  }

  /** The sum. */
  public Dim plus(Dim other) {
    return new Dim(perImage + other.perImage, fixed + other.fixed);
  }

  @Override
  public String toString() {
    if (isFixed()) {
      return Long.toString(fixed);
    }
    String scaled = perImage == 1 ? "n" : "n * " + perImage;
    return fixed == 0 ? scaled : scaled + (fixed > 0 ? " + " : " - ") + Math.abs(fixed);
  }
}
