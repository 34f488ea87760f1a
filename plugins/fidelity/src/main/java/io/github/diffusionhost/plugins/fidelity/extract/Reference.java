package io.github.diffusionhost.plugins.fidelity.extract;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.stats.FeatureTable;
import io.github.diffusionhost.plugins.fidelity.stats.Gaussian;
import io.github.diffusionhost.plugins.fidelity.stats.Moments;
import io.github.diffusionhost.plugins.fidelity.stats.Subset;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/**
 * The images that generated ones are compared with: all of a split, or some that are drawn once and
 * for all. What an extractor finds in them is kept in the data folder, under the digest of the
 * extractor and of the images' bytes.
 */
public final class Reference {
  private static final int VERSION = 1;
  private static final int BATCH = 128;
  private static final String MEAN = "mean";
  private static final String COVARIANCE = "covariance";
  private static final String COUNT = "count";
  private static final String FEATURES = "features";

  private final MetricContext context;
  private final FeatureExtractor extractor;
  private final ImageBatches images;
  private final String words;
  private final String key;

  /**
   * Chooses the images.
   *
   * @param wanted how many; all of the split if it has no more
   */
  public Reference(Split split, long wanted, FeatureExtractor extractor, MetricContext context)
      throws IOException {
    this.context = context;
    this.extractor = extractor;
    ImageDataset dataset = context.reference(split);
    int size = (int) Math.min(wanted, dataset.size());
    int[] indices =
        size == dataset.size()
            ? IntStream.range(0, size).toArray()
            : Subset.of(dataset.size(), size, new Random(0));
    this.images = new ImageBatches(dataset, indices);
    String name = split.name().toLowerCase(Locale.ROOT);
    this.words =
        size == dataset.size()
            ? "all %d of the %s split".formatted(size, name)
            : "%d of %d of the %s split, drawn at random".formatted(size, dataset.size(), name);
    this.key = key();
  }

  /** Which images they are, for a report's protocol. */
  public String words() {
    return words;
  }

  private String key() throws IOException {
    String all =
        String.join(
            "\n",
            "version " + VERSION,
            extractor.name(),
            extractor.sha256(),
            extractor.input(),
            images.sha256());
    return new Sha256().add(all.getBytes(StandardCharsets.UTF_8)).hex();
  }

  /** Mean and covariance of the features. */
  public Gaussian moments() throws IOException {
    KeptFile kept = new KeptFile(context.dataFolder(), "moments", key);
    try (NDManager manager = context.manager().newSubManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      if (kept.exists()) {
        return gaussian(kept.read(manager, Set.of(MEAN, COVARIANCE, COUNT)));
      }
      Gaussian found = extractMoments(manager);
      kept.write(arrays(found, manager));
      return found;
    }
  }

  /**
   * The features themselves.
   *
   * @return [N,D] float32; the caller closes it
   */
  public NDArray features() throws IOException {
    KeptFile kept = new KeptFile(context.dataFolder(), FEATURES, key);
    NDArray found;
    if (kept.exists()) {
      found = kept.read(context.manager(), Set.of(FEATURES)).get(FEATURES);
    } else {
      try (FeatureTable table = new FeatureTable(context.manager())) {
        extract(table::add);
        found = table.rows().duplicate();
      }
      kept.write(Map.of(FEATURES, found));
    }
    NDScope.unregister(found);
    return found;
  }

  private Gaussian extractMoments(NDManager manager) throws IOException {
    try (Moments moments = new Moments(manager)) {
      extract(moments::add);
      return moments.gaussian();
    }
  }

  private void extract(Batch batch) throws IOException {
    for (int from = 0; from < images.size(); from += BATCH) {
      int to = Math.min(images.size(), from + BATCH);
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        batch.add(extractor.features(images.bytes(from, to, context.manager())));
      }
      context.progress("features of reference images", to, images.size());
    }
  }

  private static Gaussian gaussian(Map<String, NDArray> arrays) {
    NDArray mean = arrays.get(MEAN);
    int dimension = Math.toIntExact(mean.size());
    return new Gaussian(
        arrays.get(COUNT).getLong(0),
        DMatrixRMaj.wrap(1, dimension, mean.toDoubleArray()),
        DMatrixRMaj.wrap(dimension, dimension, arrays.get(COVARIANCE).toDoubleArray()));
  }

  private static Map<String, NDArray> arrays(Gaussian gaussian, NDManager manager) {
    int dimension = gaussian.dimension();
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    arrays.put(COUNT, manager.create(new long[] {gaussian.count()}));
    arrays.put(MEAN, manager.create(gaussian.mean().data, new Shape(dimension)));
    arrays.put(
        COVARIANCE, manager.create(gaussian.covariance().data, new Shape(dimension, dimension)));
    return arrays;
  }

  /** Takes the features of some images. */
  @FunctionalInterface
  private interface Batch {
    void add(NDArray features);
  }
}
