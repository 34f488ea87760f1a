package io.github.diffusionhost.engine.random;

import java.util.stream.IntStream;

/** The shares of a draw that images have, which are drawn on all cores where that is worth it. */
final class EachShare {
  /** Below so many elements starting threads costs more than they save. */
  private static final int LEAST = 1 << 14;

  private EachShare() {}

  /** What draws a share. */
  @FunctionalInterface
  interface Share {
    /**
     * Draws elements {@code from} to {@code to - 1}.
     *
     * @param image whose stream they come from
     */
    void draw(int image, int from, int to);
  }

  /** Visits every image's share; shares are the same, whoever draws them and in whatever order. */
  static void of(int images, int each, Share share) {
    IntStream all = IntStream.range(0, images);
    (images > 1 && (long) images * each >= LEAST ? all.parallel() : all)
        .forEach(image -> share.draw(image, image * each, (image + 1) * each));
  }
}
