package io.github.diffusionhost.engine.image;

import io.github.diffusionhost.engine.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** PNG files; the same picture always gives the same bytes. Needs no display. */
public final class Png {
  private Png() {}

  /** The bytes of a PNG file. */
  public static byte[] encode(BufferedImage picture) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(picture);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /**
   * Writes a PNG file; a reader sees the old file or the new one, never a part.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, BufferedImage picture) throws IOException {
    AtomicFile.write(file, encode(picture));
  }
}
