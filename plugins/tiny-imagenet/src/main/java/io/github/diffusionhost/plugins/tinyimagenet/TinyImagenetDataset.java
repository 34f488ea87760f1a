package io.github.diffusionhost.plugins.tinyimagenet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.util.List;

/** The packed images of a split. */
final class TinyImagenetDataset implements ImageDataset {
  private final TinyImagenetOptions options;
  private final List<String> classNames;
  private final int[] labels;
  private final PackedImages packed;

  TinyImagenetDataset(
      TinyImagenetOptions options, Classes classes, Images images, PackedImages packed) {
    this.options = options;
    this.classNames = options.labels() ? classes.names() : List.of();
    this.labels = images.list().stream().mapToInt(Images.Image::label).toArray();
    this.packed = packed;
  }

  @Override
  public ImageShape shape() {
    return JpegDecoder.SHAPE;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    packed.read(index, target, offset);
  }

  @Override
  public int label(int index) {
    if (!options.labels()) {
      throw new IllegalStateException("labels: false");
    }
    return labels[index];
  }

  @Override
  public PixelNormalization normalization() {
    return new PixelNormalization(options.mean(), options.std());
  }

  @Override
  public boolean mapped() {
    return true;
  }

  @Override
  public NDArray augment(NDArray images, Noise noise) {
    if (!options.flip()) {
      return images;
    }
    Shape perImage = new Shape(images.getShape().get(0), 1, 1, 1);
    NDArray turned = noise.uniform(perImage).lt(0.5f).toType(images.getDataType(), false);
    return images.flip(3).mul(turned).add(images.mul(turned.neg().add(1)));
  }
}
