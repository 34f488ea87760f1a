package io.github.diffusionhost.plugins.fidelity.extract.reference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches;
import io.github.diffusionhost.plugins.fidelity.extract.reference.ReferenceWish.Kind;
import io.github.diffusionhost.plugins.fidelity.kept.KeptFile;
import io.github.diffusionhost.plugins.fidelity.kept.Sha256;
import io.github.diffusionhost.plugins.fidelity.stats.Gaussian;
import io.github.diffusionhost.plugins.fidelity.stats.Subset;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The images that generated ones are compared with: all of a split, or some that are drawn once and
 * for all. What an extractor finds in them is kept in the data folder, under the digest of the
 * extractor and of the images' bytes.
 */
public final class Reference {
  private static final int VERSION = 1;

  private final MetricContext context;
  private final Extraction extraction;
  private final Split split;
  private final int[] indices;
  private final String words;
  private final String sha256;
  private final String key;

  /**
   * Chooses the images.
   *
   * @param wanted how many; all of the split if it has no more
   */
  public Reference(Split split, long wanted, Extraction extraction, MetricContext context)
      throws IOException {
    this.context = context;
    this.extraction = extraction;
    this.split = split;
    ImageDataset dataset = context.reference(split);
    int size = (int) Math.min(wanted, dataset.size());
    this.indices =
        size == dataset.size()
            ? IntStream.range(0, size).toArray()
            : Subset.of(dataset.size(), size, new Random(0));
    String name = split.name().toLowerCase(Locale.ROOT);
    this.words =
        size == dataset.size()
            ? String.format(Locale.ROOT, "all %d of the %s split", size, name)
            : String.format(
                Locale.ROOT,
                "%d of %d of the %s split, drawn at random",
                size,
                dataset.size(),
                name);
    this.sha256 = new ImageBatches(dataset, indices).sha256();
    this.key = key(sha256, extraction.extractor());
  }

  /** Which images they are, for a report's protocol. */
  public String words() {
    return words;
  }

  /** The SHA-256 of their size and bytes. */
  public String sha256() {
    return sha256;
  }

  private static String key(String images, FeatureExtractor extractor) {
    String all =
        String.join(
            "\n",
            "version " + VERSION,
            extractor.name(),
            extractor.sha256(),
            extractor.input(),
            images);
    return new Sha256().add(all.getBytes(StandardCharsets.UTF_8)).hex();
  }

  private KeptFile file(Kind kind) {
    return new KeptFile(context.dataFolder(), kind.name().toLowerCase(Locale.ROOT), key);
  }

  /** Mean and covariance of the features. */
  public Gaussian moments() throws IOException {
    return Gathering.OfMoments.read(found(Kind.MOMENTS), context.manager());
  }

  /**
   * The features themselves.
   *
   * @return [N,D] float32; the caller closes it
   */
  public NDArray features() throws IOException {
    NDArray found = Gathering.OfFeatures.read(found(Kind.FEATURES), context.manager());
    NDScope.unregister(found);
    return found;
  }

  /** The file, made by the first call, and with it all that other metrics want of the split. */
  private KeptFile found(Kind kind) throws IOException {
    KeptFile file = file(kind);
    if (!file.exists()) {
      extract(missing(kind));
    }
    return file;
  }

  /** What this and others want and is not kept, each once. */
  private Map<Path, Missing> missing(Kind kind) throws IOException {
    Map<Path, Missing> missing = new LinkedHashMap<>();
    missing.put(file(kind).path(), new Missing(this, kind));
    for (ReferenceWish wish : extraction.wishes()) {
      Reference other = wish.reference().open();
      KeptFile file = other.file(wish.kind());
      if (other.split == split && other.indices.length > 1 && !file.exists()) {
        missing.put(file.path(), new Missing(other, wish.kind()));
      }
    }
    return missing;
  }

  private void extract(Map<Path, Missing> missing) throws IOException {
    List<Gathering> open = new ArrayList<>();
    try {
      List<ReferencePass.Part> parts = new ArrayList<>();
      for (Missing one : missing.values()) {
        Gathering gathering = Gathering.of(one.kind, context.manager());
        open.add(gathering);
        parts.add(new ReferencePass.Part(one.reference.indices, gathering));
      }
      new ReferencePass(parts, extraction.extractor(), context).run(split);
      int place = 0;
      for (Missing one : missing.values()) {
        open.get(place++).write(one.reference.file(one.kind));
      }
    } finally {
      open.forEach(Gathering::close);
    }
  }

  /** What is to be made of which images. */
  private record Missing(Reference reference, Kind kind) {}
}
