package io.github.diffusionhost.plugins.cifar;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.noise.Noise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records in memory, those of each file after those of the one before it. */
final class CifarDataset implements ImageDataset {
  private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

  private final CifarRecords records;
  private final @Nullable LabelKind kind;
  private final CifarOptions options;
  private final int size;

  CifarDataset(CifarRecords records, @Nullable LabelKind kind, CifarOptions options, int size) {
    this.records = records;
    this.kind = kind;
    this.options = options;
    this.size = size;
  }

  @Override
  public ImageShape shape() {
    return SHAPE;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<String> classNames() {
    return records.classNames();
  }

  @Override
  public void read(int index, byte[] target, int offset) {
    records.copyPixels(index, target, offset);
  }

  @Override
  public int label(int index) {
    if (kind == null) {
      throw new IllegalStateException("labels: none");
    }
    return records.label(index, kind);
  }

  @Override
  public PixelNormalization normalization() {
    return new PixelNormalization(options.mean(), options.std());
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
