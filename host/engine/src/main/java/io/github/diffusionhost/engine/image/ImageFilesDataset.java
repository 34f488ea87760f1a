package io.github.diffusionhost.engine.image;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.engine.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The images of a folder or a zip, in the order of their names, decoded when they are read. */
public final class ImageFilesDataset implements ImageDataset {
  private final ImageFiles files;
  private final ImageShape shape;

  private ImageFilesDataset(ImageFiles files, ImageShape shape) {
    this.files = files;
    this.shape = shape;
  }

  /**
   * Opens a folder or a zip.
   *
   * @param wanted the size that all images must have; null: that of the first
   * @throws IOException if there is none, or it holds other files, or no images
   */
  public static ImageFilesDataset open(Path path, @Nullable ImageShape wanted) throws IOException {
    ImageFiles files = ImageFiles.open(path);
    try {
      String first = files.names().get(0);
      ImageShape shape =
          wanted != null ? wanted : ImageDecoder.shape(files.where(first), files.read(first));
      return new ImageFilesDataset(files, shape);
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  /** The folder or zip. */
  public Path path() {
    return files.path();
  }

  /**
   * Reads all files once: their sizes, which must be one, and the SHA-256 of their names and bytes.
   *
   * @throws IOException if a file cannot be read or is of another size; the message names it
   */
  public String sha256() throws IOException {
    MessageDigest digest = Sha256.digest();
    for (String name : files.names()) {
      byte[] file = files.read(name);
      ImageDecoder.requireSize(files.where(name), file, shape);
      for (byte[] part : List.of(name.getBytes(StandardCharsets.UTF_8), file)) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, part.length));
        digest.update(part);
      }
    }
    return Sha256.hex(digest);
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public int size() {
    return files.names().size();
  }

  /** None: what folders mean is not known. */
  @Override
  public List<String> classNames() {
    return List.of();
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    String name = files.names().get(index);
    ImageDecoder.decode(files.where(name), files.read(name), shape, target, offset);
  }

  @Override
  public int label(int index) {
    throw new UnsupportedOperationException("the images have no labels");
  }

  @Override
  public PixelNormalization normalization() {
    return PixelNormalization.SIGNED;
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
