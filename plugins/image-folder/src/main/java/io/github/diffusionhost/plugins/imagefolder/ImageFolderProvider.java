package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.io.IOException;
import java.nio.file.Path;
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
    ImageSource source = ImageSource.open(path, context.dataFolder());
    try {
      Layout layout = Layout.of(source, context.split()).limit(options.limit());
      return new ImageFolderDataset(options, source, layout, shape(options, source, layout));
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** The size asked for, or that of the first image. */
  private static ImageShape shape(ImageFolderOptions options, ImageSource source, Layout layout)
      throws IOException {
    Integer size = options.size();
    if (size != null) {
      return new ImageShape(options.channels(), size, size);
    }
    String first = layout.images().get(0).name();
    ImageSize found = new ImageDecoder(source.where(first), source.read(first)).size();
    return new ImageShape(options.channels(), found.height(), found.width());
  }
}
