package io.github.diffusionhost.plugins.mnist;

import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.pf4j.Extension;

/** MNIST: 60,000 handwritten digits to train on and 10,000 to test with, 28×28, white on black. */
@Extension
public final class MnistProvider implements DatasetProvider<MnistOptions> {
  // Recipe R3 (HiDolen/diffusion_practice_with_mnist): (x - 0.5) / 0.3081.
  private static final MnistOptions DEFAULTS = new MnistOptions(0, null, null, 0.5f, 0.3081f);

  @Override
  public String name() {
    return "mnist";
  }

  @Override
  public String summary() {
    return "handwritten digits from IDX files, gzipped or not; downloads MNIST if there are none";
  }

  @Override
  public MnistOptions defaults() {
    return DEFAULTS;
  }

  /** {@code published}: the data of recipe R3, with 1,000 black and 1,000 white images. */
  @Override
  public Map<String, MnistOptions> presets() {
    return Map.of("published", new MnistOptions(1_000, null, null, 0.5f, 0.3081f));
  }

  @Override
  public ImageDataset open(MnistOptions options, DatasetContext context) throws IOException {
    IdxPair files = MnistFiles.of(context.split()).locate(options.folder(), context);
    IdxHeader images = IdxFile.readHeader(files.images(), IdxHeader.IMAGES);
    IdxHeader labels = IdxFile.readHeader(files.labels(), IdxHeader.LABELS);
    if (images.count() != labels.count()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds %d images and %s %d labels; they belong to different sets: get both again",
              files.images(),
              images.count(),
              files.labels(),
              labels.count()));
    }
    int limit = options.limit() == null ? images.count() : options.limit();
    // The host copies the bytes once more.
    long memory = Runtime.getRuntime().maxMemory() / 2;
    return new MnistDataset(
        options,
        context.split(),
        images,
        IdxFile.readRecords(files.images(), images, limit, files.knownImages(), memory),
        Labels.check(
            files.labels(),
            IdxFile.readRecords(files.labels(), labels, limit, files.knownLabels(), memory)));
  }
}
