package io.github.diffusionhost.engine.image;

import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.image.ArchiveNames;
import io.github.diffusionhost.api.image.ArchivedFile;
import io.github.diffusionhost.api.image.DecodedImage;
import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.image.ImageHeader;
import io.github.diffusionhost.api.image.StrictImages;
import io.github.diffusionhost.api.text.Printable;
import io.github.diffusionhost.engine.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The images of a folder or a zip, in the order of their names, decoded when they are read. Nothing
 * is converted that would lose something.
 */
public final class ImageFilesDataset implements ImageDataset {
  /** The labels that NVIDIA's dataset tool puts beside images. */
  private static final String LABELS = "dataset.json";

  private final ImageArchive files;
  private final List<String> names;
  private final ImageShape shape;

  private ImageFilesDataset(ImageArchive files, List<String> names, ImageShape shape) {
    this.files = files;
    this.names = names;
    this.shape = shape;
  }

  /**
   * Opens a folder or a zip.
   *
   * @param wanted the size that all images must have; null: that of the first
   * @throws IOException if there is none, or it holds other files, or no images
   */
  public static ImageFilesDataset open(Path path, @Nullable ImageShape wanted) throws IOException {
    ImageArchive files = ImageArchive.open(path);
    try {
      List<String> names = names(files);
      ImageShape shape = wanted != null ? wanted : shape(files, names.get(0));
      return new ImageFilesDataset(files, names, shape);
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static List<String> names(ImageArchive files) throws IOException {
    List<String> all = files.list("").files().stream().map(ArchivedFile::name).toList();
    List<String> images = all.stream().filter(ArchiveNames::isImage).toList();
    List<String> others =
        all.stream().filter(name -> !ArchiveNames.isImage(name) && !name.equals(LABELS)).toList();
    if (!others.isEmpty()) {
      String first =
          others.stream().limit(3).map(Printable::path).collect(Collectors.joining(", "));
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds %d files that are no PNG or JPEG: %s%s; leave them out: move them"
                  + " elsewhere",
              files.root(),
              others.size(),
              first,
              others.size() > 3 ? ", …" : ""));
    } else if (images.isEmpty()) {
      throw new IOException(files.root() + " holds no images; put PNG or JPEG files there");
    }
    return images;
  }

  private static ImageShape shape(ImageArchive files, String name) throws IOException {
    ImageHeader header = StrictImages.header(files.where(name), files.read(name));
    return new ImageShape(header.channels(), header.height(), header.width());
  }

  /** The folder or zip. */
  public Path path() {
    return files.root();
  }

  /**
   * Reads all files once: their sizes, which must be one, and the SHA-256 of their names and bytes.
   *
   * @throws IOException if a file cannot be read or is of another size; the message names it
   */
  public String sha256() throws IOException {
    MessageDigest digest = Sha256.digest();
    for (String name : names) {
      byte[] file = files.read(name);
      requireSize(files.where(name), StrictImages.header(files.where(name), file));
      for (byte[] part : List.of(name.getBytes(StandardCharsets.UTF_8), file)) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, part.length));
        digest.update(part);
      }
    }
    return Sha256.hex(digest);
  }

  private void requireSize(String where, ImageHeader header) throws IOException {
    if (header.width() != shape.width() || header.height() != shape.height()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is %dx%d pixels, and the images to compare with are %dx%d: compare images of one"
                  + " size",
              where,
              header.height(),
              header.width(),
              shape.height(),
              shape.width()));
    }
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public int size() {
    return names.size();
  }

  /** None: what folders mean is not known. */
  @Override
  public List<String> classNames() {
    return List.of();
  }

  @Override
  public void read(int index, byte[] target, int offset) throws IOException {
    String where = files.where(names.get(index));
    DecodedImage image = StrictImages.decode(where, files.read(names.get(index)));
    requireSize(where, image.header());
    String fault = fault(image);
    if (fault != null) {
      throw new IOException(where + " " + fault);
    }
    System.arraycopy(image.planes(shape.channels()), 0, target, offset, shape.elements());
  }

  /** Why an image cannot be taken as it is; null if it can. */
  private @Nullable String fault(DecodedImage image) {
    if (shape.channels() != 1 && shape.channels() != 3) {
      return String.format(
          Locale.ROOT, "is grey or RGB, and images of %d channels are wanted", shape.channels());
    } else if (image.header().bits() > 8) {
      return String.format(
          Locale.ROOT, "has %d bits a sample; save it with 8", image.header().bits());
    } else if (image.isTransparent()) {
      return "is transparent in places; save it without an alpha channel";
    } else if (shape.channels() == 1 && image.header().channels() == 3 && !isGrey(image)) {
      return "has colours, and the images to compare with are grey";
    }
    return null;
  }

  private static boolean isGrey(DecodedImage image) {
    byte[] planes = image.planes(3);
    int area = planes.length / 3;
    ByteBuffer red = ByteBuffer.wrap(planes, 0, area);
    return Stream.of(1, 2).allMatch(c -> red.equals(ByteBuffer.wrap(planes, c * area, area)));
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
