package io.github.diffusionhost.api.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Reads an image row by row, whatever its samples are like. */
interface RgbRows {
  /**
   * Reads row {@code y}.
   *
   * @param rgb takes red, green, blue of each pixel, from 0 to 255
   */
  void read(int y, int[] rgb);

  /** Rows of an image with a palette, or of grey or colour samples, with or without alpha. */
  static RgbRows of(BufferedImage image) {
    return image.getColorModel() instanceof IndexColorModel ? indexed(image) : direct(image);
  }

  private static RgbRows indexed(BufferedImage image) {
    int width = image.getWidth();
    int[] argb = new int[width];
    return (y, rgb) -> {
      image.getRGB(0, y, width, 1, argb, 0, width);
      for (int x = 0; x < width; x++) {
        int alpha = argb[x] >>> 24;
        for (int c = 0; c < 3; c++) {
          rgb[3 * x + c] = overWhite(argb[x] >> (16 - 8 * c) & 255, alpha, 255);
        }
      }
    };
  }

  // Not BufferedImage.getRGB: it takes grey samples for linear light and brightens them.
  private static RgbRows direct(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int bands = raster.getNumBands();
    boolean alpha = image.getColorModel().hasAlpha();
    int colours = alpha ? bands - 1 : bands;
    int full = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    int[] samples = new int[width * bands];
    return (y, rgb) -> {
      raster.getPixels(0, y, width, 1, samples);
      for (int x = 0; x < width; x++) {
        int opaque = alpha ? samples[x * bands + colours] : full;
        for (int c = 0; c < 3; c++) {
          rgb[3 * x + c] = overWhite(samples[x * bands + (colours == 1 ? 0 : c)], opaque, full);
        }
      }
    };
  }

  /** A sample and its opacity, both from 0 to {@code full}, as 0 to 255 on white. */
  private static int overWhite(int sample, int opaque, int full) {
    if (opaque == 255 && full == 255) {
      return sample;
    }
    long mixed = (long) sample * opaque + (long) full * (full - opaque);
    long unit = (long) full * full;
    return (int) ((255 * mixed + unit / 2) / unit);
  }
}
