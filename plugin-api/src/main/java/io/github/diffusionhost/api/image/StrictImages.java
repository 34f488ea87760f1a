package io.github.diffusionhost.api.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG and JPEG files, whatever their names say, as libjpeg-turbo and libpng do, and so
 * Pillow and torchvision. Every failure is an error whose message begins with the file.
 *
 * <ul>
 *   <li>Damage is refused: a file that breaks off, a PNG chunk with a wrong CRC, what libjpeg calls
 *       corrupt, premature or truncated. Bytes after the end of the image, and surplus bytes that
 *       libjpeg skips between two markers, are no damage.
 *   <li>Samples are taken as they are stored. Colour profiles, gamma and the rotation in EXIF are
 *       not applied: a photograph that a viewer turns upright lies on its side here, as it does for
 *       Pillow's {@code Image.open} and torchvision's {@code ImageFolder}.
 *   <li>JPEG has grey or RGB, or YCbCr, whose signs are those of {@link JpegMarkers}. CMYK and YCCK
 *       are refused.
 *   <li>At most 64 million pixels are read.
 * </ul>
 */
public final class StrictImages {
  private static final long LARGEST_AREA = 64L << 20;

  private StrictImages() {}

  /**
   * The size of an image; pixels are not looked at.
   *
   * @param where what messages call the file
   */
  public static ImageHeader header(String where, byte[] file) throws IOException {
    try {
      return checked(PngChunks.isPng(file) ? PngChunks.header(file) : jpeg(file).header());
    } catch (IOException e) {
      throw named(where, e);
    }
  }

  /**
   * The image.
   *
   * @param where what messages call the file
   */
  public static DecodedImage decode(String where, byte[] file) throws IOException {
    try {
      if (PngChunks.isPng(file)) {
        ImageHeader header = checked(PngChunks.header(file));
        return new DecodedImage(header, read("png", file));
      }
      JpegMarkers markers = jpeg(file);
      ImageHeader header = checked(markers.header());
      return new DecodedImage(header, read("jpeg", markers.plain()));
    } catch (IOException | RuntimeException e) {
      throw named(where, e);
    }
  }

  private static JpegMarkers jpeg(byte[] file) throws IOException {
    if (file.length == 0) {
      throw new Fault("is empty; get it again or remove it");
    } else if (!JpegMarkers.isJpeg(file)) {
      throw new Fault("is neither a PNG nor a JPEG; get it again or remove it");
    }
    JpegMarkers markers = JpegMarkers.of(file);
    if (markers.components() != 1 && markers.components() != 3) {
      throw new Fault(
          String.format(
              Locale.ROOT,
              "is a JPEG of %d samples a pixel (CMYK, perhaps); save it in grey or RGB",
              markers.components()));
    }
    return markers;
  }

  private static ImageHeader checked(ImageHeader header) throws IOException {
    if ((long) header.width() * header.height() > LARGEST_AREA) {
      throw new Fault(
          String.format(
              Locale.ROOT,
              "is %dx%d pixels; at most %d million are read: scale it down first",
              header.width(),
              header.height(),
              LARGEST_AREA >> 20));
    }
    return header;
  }

  private static BufferedImage read(String format, byte[] file) throws IOException {
    // Readers are made for each image: cheap beside decoding, and safe with many threads.
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      JpegWarnings warnings = new JpegWarnings();
      reader.addIIOReadWarningListener(warnings);
      reader.setInput(in, true, true);
      BufferedImage image = reader.read(0);
      warnings.check();
      return image;
    } finally {
      reader.dispose();
    }
  }

  private static IOException named(String where, Exception e) {
    return e instanceof Fault
        ? new IOException(where + " " + e.getMessage(), e)
        : new IOException(
            "%s cannot be decoded (%s): it is damaged, or not in grey or RGB; save it anew or remove it"
                .formatted(where, e.getMessage()),
            e);
  }

  /** A failure that is explained already. */
  private static final class Fault extends IOException {
    private static final long serialVersionUID = 1;

    private Fault(String message) {
      super(message);
    }
  }
}
