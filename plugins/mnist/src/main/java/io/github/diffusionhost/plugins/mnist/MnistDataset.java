package io.github.diffusionhost.plugins.mnist;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.dataset.Split;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Digits in memory, then the black images, then the white ones. */
final class MnistDataset implements ImageDataset {
  private static final int BLACK = 10;
  private static final int WHITE = 11;

  private final MnistOptions options;
  private final ImageShape shape;
  private final byte[] images;
  private final byte[] labels;
  private final int extra;

  MnistDataset(MnistOptions options, Split split, IdxHeader header, byte[] images, byte[] labels) {
    this.options = options;
    this.shape = new ImageShape(1, header.rows(), header.columns());
    this.images = images;
    this.labels = labels;
    this.extra = split == Split.TRAIN ? options.blackWhite() : 0;
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public int size() {
    return Math.addExact(labels.length, 2 * extra);
  }

  @Override
  public List<String> classNames() {
    Stream<String> digits = IntStream.range(0, 10).mapToObj(Integer::toString);
    // Both splits name the same classes, though only training adds images to the last two.
    return options.blackWhite() == 0
        ? digits.toList()
        : Stream.concat(digits, Stream.of("black", "white")).toList();
  }

  @Override
  public void read(int index, byte[] target, int offset) {
    int elements = shape.elements();
    int label = label(index);
    if (label < BLACK) {
      System.arraycopy(images, index * elements, target, offset, elements);
    } else {
      Arrays.fill(target, offset, offset + elements, (byte) (label == WHITE ? 255 : 0));
    }
  }

  @Override
  public int label(int index) {
    int beyond = index - labels.length;
    return beyond < 0 ? labels[index] : beyond < extra ? BLACK : WHITE;
  }

  @Override
  public PixelNormalization normalization() {
    return new PixelNormalization(options.mean(), options.std());
  }
}
