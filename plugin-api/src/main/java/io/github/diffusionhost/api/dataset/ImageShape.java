package io.github.diffusionhost.api.dataset;

import ai.djl.ndarray.types.Shape;

/** The size of one image: channels, rows, columns. */
public record ImageShape(int channels, int height, int width) {
  /** Checks that every size is positive. */
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an image needs positive sizes, not [" + channels + "," + height + "," + width + "]");
    }
  }

  /** Pixels times channels of one image. */
  public int elements() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  /** The shape of {@code count} images, [N,C,H,W]. */
  public Shape batch(long count) {
    return new Shape(count, channels, height, width);
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
