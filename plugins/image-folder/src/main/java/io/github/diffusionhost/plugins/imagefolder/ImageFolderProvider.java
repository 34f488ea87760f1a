package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.image.ImageArchive;
import io.github.diffusionhost.api.image.ImageHeader;
import io.github.diffusionhost.api.image.StrictImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import org.pf4j.Extension;

/** Anybody's images: a folder or a zip of class folders. */
@Extension
public final class ImageFolderProvider implements DatasetProvider<ImageFolderOptions> {
  private static final ImageFolderOptions DEFAULTS =
      new ImageFolderOptions(null, null, ResizeMode.CENTER_CROP, 3, false, 0.5f, 0.5f, null);

  @Override
  public String name() {
    return "image-folder";
  }

  @Override
  public String summary() {
    return "PNG and JPEG images in a folder or a zip of class folders";
  }

  @Override
  public ImageFolderOptions defaults() {
    return DEFAULTS;
  }

  @Override
  public ImageDataset open(ImageFolderOptions options, DatasetContext context) throws IOException {
    Path path = options.path();
    if (path == null) {
      throw new IllegalArgumentException(
          "image-folder needs 'path', the folder or .zip that holds the images");
    }
    ImageArchive source = archive(path, context.dataFolder());
    try {
      Layout layout = Layout.of(source, context.split()).limit(options.limit());
      return new ImageFolderDataset(options, source, layout, shape(options, source, layout));
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** A relative path lies in the working directory or else in the data folder. */
  private static ImageArchive archive(Path path, Path dataFolder) throws IOException {
    Path found = isThere(path) ? path : dataFolder.resolve(path);
    if (!isThere(found)) {
      throw new IOException(
          path.isAbsolute()
              ? path + " does not exist; 'path' names a folder or a .zip of images"
              : "%s is neither in the working directory (%s) nor in the data folder (%s)"
                  .formatted(path, Path.of("").toAbsolutePath(), dataFolder));
    } else if (Files.isRegularFile(found)
        && !found.toString().toLowerCase(Locale.ROOT).endsWith(".zip")) {
      throw new IOException(found + " is neither a folder nor a .zip of images");
    }
    return ImageArchive.open(found);
  }

  /** Also of a link that leads nowhere, which is an error of its own. */
  private static boolean isThere(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** The size asked for, or that of the first image. */
  private static ImageShape shape(ImageFolderOptions options, ImageArchive source, Layout layout)
      throws IOException {
    Integer size = options.size();
    if (size != null) {
      return new ImageShape(options.channels(), size, size);
    }
    String first = layout.images().get(0).name();
    ImageHeader found = StrictImages.header(source.where(first), source.read(first));
    return new ImageShape(options.channels(), found.height(), found.width());
  }
}
