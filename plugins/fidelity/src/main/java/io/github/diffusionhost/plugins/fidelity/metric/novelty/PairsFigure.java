package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import io.github.diffusionhost.api.dataset.ImageShape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** Pairs of images as one picture: eight pairs a row, in each the first image above the second. */
final class PairsFigure {
  private static final int PAIRS_A_ROW = 8;
  private static final int GAP = 2;
  private static final int SMALLEST_EDGE = 56;
  private static final int BACKGROUND = 0xFFFFFF;

  private final ImageShape shape;
  private final int scale;
  private final BufferedImage picture;

  PairsFigure(ImageShape shape, int pairs) {
    this.shape = shape;
    this.scale = Math.max(1, SMALLEST_EDGE / Math.min(shape.height(), shape.width()));
    int columns = Math.min(pairs, PAIRS_A_ROW);
    int rows = (pairs + PAIRS_A_ROW - 1) / PAIRS_A_ROW;
    this.picture =
        new BufferedImage(
            columns * width() + GAP, rows * pairHeight() + GAP, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        picture.setRGB(x, y, BACKGROUND);
      }
    }
  }

  private int width() {
    return shape.width() * scale + 2 * GAP;
  }

  private int pairHeight() {
    return 2 * shape.height() * scale + 4 * GAP;
  }

  /**
   * Draws a pair.
   *
   * @param number its place, from 0
   * @param above an image's bytes, channel by channel
   * @param below the same of the other
   */
  void draw(int number, byte[] above, byte[] below) {
    int left = number % PAIRS_A_ROW * width() + GAP;
    int top = number / PAIRS_A_ROW * pairHeight() + GAP;
    draw(left, top, above);
    draw(left, top + shape.height() * scale + GAP, below);
  }

  private void draw(int left, int top, byte[] image) {
    for (int y = 0; y < shape.height() * scale; y++) {
      for (int x = 0; x < shape.width() * scale; x++) {
        picture.setRGB(left + x, top + y, colour(image, y / scale, x / scale));
      }
    }
  }

  private int colour(byte[] image, int row, int column) {
    int plane = shape.height() * shape.width();
    int pixel = row * shape.width() + column;
    int colour = 0;
    for (int c = 0; c < 3; c++) {
      int channel = Math.min(c, shape.channels() - 1);
      colour = (colour << 8) | (image[channel * plane + pixel] & 0xFF);
    }
    return colour;
  }

  byte[] png() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be written", e);
    }
    return bytes.toByteArray();
  }
}
