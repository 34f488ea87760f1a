package io.github.diffusionhost.engine.image;

import io.github.diffusionhost.api.dataset.ImageShape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes PNG and JPEG files, whatever their names say; every failure names the file. */
final class ImageDecoder {
  /** A decoded image takes at most a few hundred MB. */
  private static final long LARGEST_AREA = 64L << 20;

  private ImageDecoder() {}

  /** Takes what a reader finds. */
  @FunctionalInterface
  private interface Use<T> {
    T apply(ImageReader reader) throws IOException;
  }

  /** Checks that a file is of a size, from its header alone. */
  static void requireSize(String where, byte[] file, ImageShape wanted) throws IOException {
    read(where, file, reader -> requireSize(reader, wanted));
  }

  private static ImageShape requireSize(ImageReader reader, ImageShape wanted) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width != wanted.width() || height != wanted.height()) {
      throw new Fault(
          "is %dx%d pixels, and the images to compare with are %dx%d: compare images of one size"
              .formatted(height, width, wanted.height(), wanted.width()));
    }
    return wanted;
  }

  /** The size of an image: 1 channel if it is stored in grey, else 3. */
  static ImageShape shape(String where, byte[] file) throws IOException {
    return read(
        where,
        file,
        reader -> {
          int channels = samples(reader).channels();
          return new ImageShape(channels, reader.getHeight(0), reader.getWidth(0));
        });
  }

  /** Writes the pixels of a file, as {@link DecodedImage#write} does. */
  static void decode(String where, byte[] file, ImageShape wanted, byte[] target, int offset)
      throws IOException {
    read(
        where,
        file,
        reader -> {
          requireSize(reader, wanted);
          DecodedImage image = samples(reader);
          try {
            image.write(wanted, target, offset);
          } catch (IOException e) {
            throw new Fault(e);
          }
          return image;
        });
  }

  private static DecodedImage samples(ImageReader reader) throws IOException {
    BufferedImage picture = reader.read(0);
    try {
      return DecodedImage.of(picture);
    } catch (IOException e) {
      throw new Fault(e);
    }
  }

  private static <T> T read(String where, byte[] file, Use<T> use) throws IOException {
    String format = format(where, file);
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    List<String> damage = new ArrayList<>();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      // Java paints what is missing of a JPEG grey, and says so in a warning alone.
      reader.addIIOReadWarningListener((source, warning) -> damage.add(warning));
      reader.setInput(in, true, true);
      if (format.equals("png") && !PngChunks.areWhole(file)) {
        throw new IIOException("a part is missing or changed");
      }
      if ((long) reader.getWidth(0) * reader.getHeight(0) > LARGEST_AREA) {
        throw new Fault("has more than %d million pixels".formatted(LARGEST_AREA >> 20));
      }
      T result = use.apply(reader);
      for (String warning : damage) {
        if (warning.toLowerCase(Locale.ROOT).matches(".*(truncated|premature|corrupt data).*")) {
          throw new IIOException(warning);
        }
      }
      return result;
    } catch (Fault e) {
      throw new IOException(where + " " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "%s cannot be decoded (%s): it is damaged, or not in grey or RGB"
              .formatted(where, e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  private static String format(String where, byte[] file) throws IOException {
    if (file.length > 8 && file[0] == (byte) 0x89 && file[1] == 'P' && file[2] == 'N') {
      return "png";
    } else if (file.length > 3 && file[0] == (byte) 0xFF && file[1] == (byte) 0xD8) {
      return "jpeg";
    }
    throw new IOException(
        where
            + (file.length == 0 ? " is empty" : " is neither a PNG nor a JPEG, whatever its name"));
  }

  /** A failure that is explained already. */
  private static final class Fault extends IOException {
    private Fault(String message) {
      super(message);
    }

    private Fault(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
