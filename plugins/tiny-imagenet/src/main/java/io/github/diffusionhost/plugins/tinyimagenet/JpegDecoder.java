package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.dataset.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes one JPEG of the set; every failure is an error that names it. */
final class JpegDecoder {
  /** What every image of the set is. */
  static final ImageShape SHAPE = new ImageShape(3, 64, 64);

  private JpegDecoder() {}

  /**
   * Its pixels, channel by channel, row by row; grey samples count for all three colours.
   *
   * @param where what messages call the file
   */
  static byte[] decode(String where, byte[] file) throws IOException {
    if (file.length < 3
        || (file[0] & 255) != 0xff
        || (file[1] & 255) != 0xd8
        || (file[2] & 255) != 0xff) {
      throw new IOException(
          where + (file.length == 0 ? " is empty" : " is no JPEG") + "; unpack the set again");
    }
    Raster raster = read(where, file).getRaster();
    int bands = raster.getNumBands();
    // Java takes four samples that no Adobe marker explains for RGB and opacity, which no JPEG has.
    if (bands != 1 && bands != 3) {
      throw new IOException(
          "%s is a JPEG of %d samples a pixel (CMYK, perhaps); save it in grey or RGB"
              .formatted(where, bands));
    }
    return planes(raster, bands);
  }

  private static BufferedImage read(String where, byte[] file) throws IOException {
    // Readers are made for each image: cheap beside decoding, and safe with many threads.
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      JpegWarnings warnings = new JpegWarnings();
      reader.addIIOReadWarningListener(warnings);
      reader.setInput(in, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if (width != SHAPE.width() || height != SHAPE.height()) {
        throw new WrongSizeException(
            "%s is %dx%d pixels, and images of Tiny ImageNet are %dx%d; unpack the set again"
                .formatted(where, width, height, SHAPE.width(), SHAPE.height()));
      }
      BufferedImage image = reader.read(0);
      warnings.check();
      return image;
    } catch (WrongSizeException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "%s cannot be decoded (%s): it is broken, or not in grey or RGB; unpack the set again"
              .formatted(where, e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  // Not BufferedImage.getRGB: it takes grey samples for linear light and brightens them.
  private static byte[] planes(Raster raster, int bands) {
    int area = SHAPE.height() * SHAPE.width();
    int[] samples = raster.getPixels(0, 0, SHAPE.width(), SHAPE.height(), (int[]) null);
    byte[] bytes = new byte[SHAPE.elements()];
    for (int i = 0; i < area; i++) {
      for (int c = 0; c < SHAPE.channels(); c++) {
        bytes[c * area + i] = (byte) samples[i * bands + (bands == 1 ? 0 : c)];
      }
    }
    return bytes;
  }

  /** Explains itself already. */
  private static final class WrongSizeException extends IOException {
    private WrongSizeException(String message) {
      super(message);
    }
  }
}
