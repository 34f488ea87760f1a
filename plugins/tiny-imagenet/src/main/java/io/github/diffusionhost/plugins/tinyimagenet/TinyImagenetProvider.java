package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;
import org.pf4j.Extension;

/**
 * Tiny ImageNet (Stanford's course CS231n): photographs of 64×64 pixels in 200 classes, 100,000 for
 * training and 10,000 (the folder {@code val}) for tests.
 */
@Extension
public final class TinyImagenetProvider implements DatasetProvider<TinyImagenetOptions> {
  private static final TinyImagenetOptions DEFAULTS =
      new TinyImagenetOptions(true, false, 0.5f, 0.5f, null, null);

  @Override
  public String name() {
    return "tiny-imagenet";
  }

  @Override
  public String summary() {
    return "Tiny ImageNet, folder or zip, packed once and memory-mapped; downloads it if there is"
        + " none";
  }

  @Override
  public TinyImagenetOptions defaults() {
    return DEFAULTS;
  }

  @Override
  public ImageDataset open(TinyImagenetOptions options, DatasetContext context) throws IOException {
    try (SetFiles files = new SetLocation(context).open(options.path())) {
      Classes classes = Classes.read(files);
      Images images = Images.of(files, classes, context.split()).limit(options.limit());
      PackedImages packed =
          new PackedCache(context.dataFolder()).open(files, images, context.split());
      return new TinyImagenetDataset(options, classes, images, packed);
    }
  }
}
