package io.github.diffusionhost.plugins.imagefolder;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** Decodes one PNG or JPEG, whatever its name says; every failure is an error that names it. */
final class ImageDecoder {
  /** 64 million pixels: a decoded image takes at most a few hundred MB. */
  private static final long LARGEST_AREA = 64L << 20;

  private static final long PNG = 0x89504e470d0a1a0aL;

  private final String where;
  private final byte[] file;
  private final String format;

  /**
   * @param where what messages call the file
   */
  ImageDecoder(String where, byte[] file) throws IOException {
    this.where = where;
    this.file = file;
    this.format = format();
  }

  /** Its size, from the header alone. */
  ImageSize size() throws IOException {
    return withReader(this::size);
  }

  /**
   * Its pixels, converted to grey (1) or colour (3).
   *
   * @param expected the size that it must have; null for any
   */
  PixelPlanes decode(int channels, @Nullable ImageSize expected) throws IOException {
    BufferedImage image =
        withReader(
            reader -> {
              ImageSize size = size(reader);
              if (expected != null && !size.equals(expected)) {
                throw new Fault(
                    ("is %s pixels, and %s is expected; 'size' with 'resize: center-crop' or 'stretch'"
                            + " brings all images to one size")
                        .formatted(size, expected));
              }
              return reader.read(0);
            });
    int samples = image.getRaster().getNumBands();
    // Java takes four samples that no Adobe marker explains for RGB and opacity, which no JPEG has.
    if (format.equals("jpeg") && samples != 1 && samples != 3) {
      throw new IOException(
          "%s is a JPEG of %d samples a pixel (CMYK, perhaps); save it in grey or RGB"
              .formatted(where, samples));
    }
    return PixelPlanes.of(image, channels);
  }

  private ImageSize size(ImageReader reader) throws IOException {
    ImageSize size = new ImageSize(reader.getWidth(0), reader.getHeight(0));
    if ((long) size.width() * size.height() > LARGEST_AREA) {
      throw new Fault(
          "is %s pixels; at most %d million are read: scale it down first"
              .formatted(size, LARGEST_AREA >> 20));
    }
    return size;
  }

  private interface Use<T> {
    T apply(ImageReader reader) throws IOException;
  }

  private <T> T withReader(Use<T> use) throws IOException {
    // Readers are made for each image: cheap beside decoding, and safe with many threads.
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      if (format.equals("png")) {
        PngChunks.check(file);
      }
      JpegWarnings warnings = new JpegWarnings();
      reader.addIIOReadWarningListener(warnings);
      reader.setInput(in, true, true);
      T result = use.apply(reader);
      warnings.check();
      return result;
    } catch (Fault e) {
      throw new IOException(where + " " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "%s cannot be decoded (%s): it is broken, or not in grey or RGB; save it anew or remove it"
              .formatted(where, e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  private String format() throws IOException {
    if (file.length >= 8 && ByteBuffer.wrap(file).getLong() == PNG) {
      return "png";
    } else if (file.length >= 3
        && (file[0] & 255) == 0xff
        && (file[1] & 255) == 0xd8
        && (file[2] & 255) == 0xff) {
      return "jpeg";
    }
    throw new IOException(
        where + (file.length == 0 ? " is empty" : " is neither a PNG nor a JPEG") + "; remove it");
  }

  /** A failure that is explained already. */
  private static final class Fault extends IOException {
    private Fault(String message) {
      super(message);
    }
  }
}
