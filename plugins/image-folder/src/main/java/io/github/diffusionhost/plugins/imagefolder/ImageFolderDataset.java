package io.github.diffusionhost.plugins.imagefolder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.image.DecodedImage;
import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.image.StrictImages;
import io.github.diffusionhost.api.noise.Noise;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** The images of one split, decoded as they are read. */
final class ImageFolderDataset implements ImageDataset {
  private final ImageFolderOptions options;
  private final ImageArchive source;
  private final Layout layout;
  private final ImageShape shape;
  private final boolean resized;
  private final ReadAhead decoded;

  ImageFolderDataset(
      ImageFolderOptions options, ImageArchive source, Layout layout, ImageShape shape) {
    this.options = options;
    this.source = source;
    this.layout = layout;
    this.shape = shape;
    this.resized = options.size() != null && options.resize() != ResizeMode.NONE;
    this.decoded = new ReadAhead(size(), shape.elements(), this::load);
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public int size() {
    return layout.images().size();
  }

  @Override
  public List<String> classNames() {
    return layout.classNames();
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    System.arraycopy(decoded.get(index), 0, target, offset, shape.elements());
  }

  private byte[] load(int index) throws IOException {
    String name = layout.images().get(index).name();
    String where = source.where(name);
    DecodedImage decoded = StrictImages.decode(where, source.read(name));
    if (!resized) {
      requireSize(where, decoded);
      return decoded.planes(shape.channels());
    }
    PixelPlanes image = new PixelPlanes(decoded, shape.channels());
    return switch (options.resize()) {
      case CENTER_CROP -> Resampler.centerCrop(image, shape.width());
      case STRETCH -> Resampler.stretch(image, shape.width());
      case NONE -> image.bytes();
    };
  }

  private void requireSize(String where, DecodedImage image) throws IOException {
    int width = image.header().width();
    int height = image.header().height();
    if (width != shape.width() || height != shape.height()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is %dx%d pixels, and %dx%d is expected; 'size' with 'resize: center-crop' or"
                  + " 'stretch' brings all images to one size",
              where,
              width,
              height,
              shape.width(),
              shape.height()));
    }
  }

  @Override
  public int label(int index) {
    return layout.images().get(index).label();
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

  @Override
  public void close() throws IOException {
    decoded.close();
    source.close();
  }
}
