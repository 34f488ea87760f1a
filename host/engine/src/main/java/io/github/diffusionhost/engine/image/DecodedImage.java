package io.github.diffusionhost.engine.image;

import io.github.diffusionhost.api.dataset.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * An image as it is stored, grey (1 channel) or in colour (3). Nothing is converted that would lose
 * something: 16 bits, transparency and other numbers of channels are refused.
 */
final class DecodedImage {
  private final int channels;
  private final int area;

  /** Channel by channel, row by row. */
  private final byte[] planes;

  private DecodedImage(int channels, int area) {
    this.channels = channels;
    this.area = area;
    this.planes = new byte[Math.multiplyExact(channels, area)];
  }

  /**
   * The samples of a picture.
   *
   * @throws IOException if they are no bytes of grey or RGB; the message completes a sentence that
   *     begins with the file
   */
  static DecodedImage of(BufferedImage picture) throws IOException {
    return picture.getColorModel() instanceof IndexColorModel ? palette(picture) : direct(picture);
  }

  private static DecodedImage palette(BufferedImage picture) throws IOException {
    int width = picture.getWidth();
    int[] argb = new int[width];
    DecodedImage image = new DecodedImage(3, width * picture.getHeight());
    for (int y = 0; y < picture.getHeight(); y++) {
      picture.getRGB(0, y, width, 1, argb, 0, width);
      for (int x = 0; x < width; x++) {
        requireOpaque(argb[x] >>> 24);
        for (int c = 0; c < 3; c++) {
          image.planes[c * image.area + y * width + x] = (byte) (argb[x] >> (16 - 8 * c));
        }
      }
    }
    return image;
  }

  private static DecodedImage direct(BufferedImage picture) throws IOException {
    Raster raster = picture.getRaster();
    int bands = raster.getNumBands();
    boolean alpha = picture.getColorModel().hasAlpha();
    int colours = alpha ? bands - 1 : bands;
    if (colours != 1 && colours != 3) {
      throw new IOException("has %d channels; save it in grey or RGB".formatted(colours));
    } else if (raster.getSampleModel().getSampleSize(0) != 8) {
      throw new IOException(
          "has %d bits a sample; save it with 8"
              .formatted(raster.getSampleModel().getSampleSize(0)));
    }
    int width = picture.getWidth();
    int[] samples = new int[width * bands];
    DecodedImage image = new DecodedImage(colours, width * picture.getHeight());
    for (int y = 0; y < picture.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, samples);
      for (int x = 0; x < width; x++) {
        requireOpaque(alpha ? samples[x * bands + colours] : 255);
        for (int c = 0; c < colours; c++) {
          image.planes[c * image.area + y * width + x] = (byte) samples[x * bands + c];
        }
      }
    }
    return image;
  }

  private static void requireOpaque(int alpha) throws IOException {
    if (alpha != 255) {
      throw new IOException("is transparent in places; save it without an alpha channel");
    }
  }

  /** Whether it has no colours, however it is stored. */
  private boolean isGrey() {
    for (int i = 0; channels == 3 && i < area; i++) {
      if (planes[i] != planes[area + i] || planes[i] != planes[2 * area + i]) {
        return false;
      }
    }
    return true;
  }

  /** 1 if it is stored in grey, 3 in colours. */
  int channels() {
    return channels;
  }

  /**
   * Writes it channel by channel: a grey image as RGB has its channel three times, one in RGB whose
   * channels are all the same is grey.
   *
   * @param wanted of this image's height and width
   * @throws IOException if it has colours and grey is wanted, or neither grey nor RGB is
   */
  void write(ImageShape wanted, byte[] target, int offset) throws IOException {
    if (wanted.channels() != 1 && wanted.channels() != 3) {
      throw new IOException(
          "is grey or RGB, and images of %d channels are wanted".formatted(wanted.channels()));
    } else if (wanted.channels() == 1 && !isGrey()) {
      throw new IOException("has colours, and the images to compare with are grey");
    }
    for (int c = 0; c < wanted.channels(); c++) {
      System.arraycopy(planes, Math.min(c, channels - 1) * area, target, offset + c * area, area);
    }
  }
}
