package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageShape;

/**
 * Square patches as tokens: {@code b c (h p1) (w p2) -> b (h w) (c p1 p2)}, and back.
 *
 * @param image the size of an image
 * @param size p, a divisor of height and width
 */
record Patches(ImageShape image, int size) {
  int rows() {
    return image.height() / size;
  }

  int columns() {
    return image.width() / size;
  }

  /** Values of one token. */
  int values() {
    return image.channels() * size * size;
  }

  /** Images [N,C,H,W] to tokens [N,T,C·p·p], row by row. */
  NDArray split(NDArray images) {
    return images
        .reshape(new Shape(-1, image.channels(), rows(), size, columns(), size))
        .transpose(0, 2, 4, 1, 3, 5)
        .reshape(new Shape(-1, (long) rows() * columns(), values()));
  }

  /** Tokens [N,T,C·p·p] to images [N,C,H,W]. */
  NDArray join(NDArray tokens) {
    return tokens
        .reshape(new Shape(-1, rows(), columns(), image.channels(), size, size))
        .transpose(0, 3, 1, 4, 2, 5)
        .reshape(image.batch(-1));
  }
}
