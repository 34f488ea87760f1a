package io.github.diffusionhost.engine.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;

/**
 * Images of one size side by side, row by row, in one picture: grey for one channel, colour for
 * three. Every pixel becomes a square of {@code scale} pixels, so that small images can be seen.
 */
public final class ImageGrid {
  /** Small images are scaled up until their larger side has at least so many pixels. */
  private static final int VISIBLE = 64;

  /** Pixels between two images, of middle grey. */
  private static final int GAP = 2;

  private static final int GAP_VALUE = 128;

  private final byte[] images;
  private final ImageShape shape;
  private final int columns;
  private final int scale;

  private ImageGrid(byte[] images, ImageShape shape, int columns, int scale) {
    this.images = images;
    this.shape = shape;
    this.columns = columns;
    this.scale = scale;
  }

  /**
   * A grid of these images, as near to a square as comes out even, scaled up to be visible.
   *
   * @param images uint8 [N,C,H,W] with N from 1 and C 1 or 3; copied
   * @throws IllegalArgumentException if it has another type or shape
   */
  public static ImageGrid of(NDArray images) {
    Shape shape = images.getShape();
    if (images.getDataType() != DataType.UINT8 || shape.dimension() != 4 || shape.size() == 0) {
      throw new IllegalArgumentException(
          "a grid needs images as uint8 [N,C,H,W], not " + images.getDataType() + " " + shape);
    }
    ImageShape one =
        new ImageShape(
            Math.toIntExact(shape.get(1)),
            Math.toIntExact(shape.get(2)),
            Math.toIntExact(shape.get(3)));
    return of(images.toByteArray(), one);
  }

  /**
   * A grid of these images, as near to a square as comes out even, scaled up to be visible.
   *
   * @param images one after the other, channel by channel, row by row; not copied
   * @param shape the size of one; 1 or 3 channels
   * @throws IllegalArgumentException if the bytes are not a whole number of images from 1, or the
   *     images have another number of channels
   */
  public static ImageGrid of(byte[] images, ImageShape shape) {
    if (shape.channels() != 1 && shape.channels() != 3) {
      throw new IllegalArgumentException(
          "a picture has 1 channel (grey) or 3 (red, green, blue), but these images are "
              + shape
              + ", with "
              + shape.channels());
    }
    if (images.length == 0 || images.length % shape.elements() != 0) {
      throw new IllegalArgumentException(
          images.length + " bytes are not a whole number of images of " + shape);
    }
    int largest = Math.max(shape.height(), shape.width());
    int scale = (VISIBLE + largest - 1) / largest;
    return new ImageGrid(images, shape, evenColumns(images.length / shape.elements()), scale);
  }

  /** The same images in so many columns; from 1. */
  public ImageGrid columns(int columns) {
    if (columns < 1) {
      throw new IllegalArgumentException("a grid has 1 column or more, not " + columns);
    }
    return new ImageGrid(images, shape, columns, scale);
  }

  /** The same images with so many pixels, from 1, along each side of one of theirs. */
  public ImageGrid scale(int scale) {
    if (scale < 1) {
      throw new IllegalArgumentException("images are scaled by 1 or more, not " + scale);
    }
    return new ImageGrid(images, shape, columns, scale);
  }

  /**
   * These images and, from a new row on, others of the same size.
   *
   * @param others one after the other, channel by channel, row by row
   */
  public ImageGrid above(byte[] others) {
    int size = shape.elements();
    int rows = (images.length / size + columns - 1) / columns;
    byte[] both = new byte[rows * columns * size + others.length];
    Arrays.fill(both, (byte) GAP_VALUE);
    System.arraycopy(images, 0, both, 0, images.length);
    System.arraycopy(others, 0, both, rows * columns * size, others.length);
    return new ImageGrid(both, shape, columns, scale);
  }

  /** Draws the picture. */
  public BufferedImage render() {
    int count = images.length / shape.elements();
    int across = Math.min(columns, count);
    int down = (count + columns - 1) / columns;
    int width = across * (shape.width() * scale + GAP) - GAP;
    int height = down * (shape.height() * scale + GAP) - GAP;
    boolean grey = shape.channels() == 1;
    BufferedImage picture =
        new BufferedImage(
            width, height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    WritableRaster raster = picture.getRaster();
    for (int channel = 0; channel < shape.channels(); channel++) {
      int[] plane = new int[width * height];
      Arrays.fill(plane, GAP_VALUE);
      for (int index = 0; index < count; index++) {
        int left = index % columns * (shape.width() * scale + GAP);
        int top = index / columns * (shape.height() * scale + GAP);
        draw(index, channel, plane, top * width + left, width);
      }
      raster.setSamples(0, 0, width, height, channel, plane);
    }
    return picture;
  }

  private void draw(int index, int channel, int[] plane, int origin, int width) {
    int source = (index * shape.channels() + channel) * shape.height() * shape.width();
    for (int y = 0; y < shape.height() * scale; y++) {
      int row = source + y / scale * shape.width();
      for (int x = 0; x < shape.width() * scale; x++) {
        plane[origin + y * width + x] = images[row + x / scale] & 0xff;
      }
    }
  }

  /** The smallest number from √count to 2√count that divides count; √count rounded up if none. */
  private static int evenColumns(int count) {
    int root = (int) Math.ceil(Math.sqrt(count));
    for (int columns = root; columns <= 2 * Math.sqrt(count); columns++) {
      if (count % columns == 0) {
        return columns;
      }
    }
    return root;
  }
}
