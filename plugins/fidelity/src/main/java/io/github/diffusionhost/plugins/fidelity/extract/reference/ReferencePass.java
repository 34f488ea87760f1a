package io.github.diffusionhost.plugins.fidelity.extract.reference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One look at images of a split for everybody who wants something of some of them: each image goes
 * through the network once.
 */
final class ReferencePass {
  private static final int BATCH = 128;

  private final FeatureExtractor extractor;
  private final MetricContext context;
  private final List<Part> parts;

  /** What is wanted of some images of the split. */
  static final class Part {
    private final int[] indices;
    private final Gathering gathering;

    /**
     * A part.
     *
     * @param indices in rising order
     */
    Part(int[] indices, Gathering gathering) {
      this.indices = indices;
      this.gathering = gathering;
    }

    /** Takes the features of those images that are among these. */
    void add(int[] batch, NDArray features) {
      int[] places =
          IntStream.range(0, batch.length)
              .filter(place -> Arrays.binarySearch(indices, batch[place]) >= 0)
              .toArray();
      if (places.length == batch.length) {
        gathering.add(features);
      } else if (places.length > 0) {
        gathering.add(features.get(features.getManager().create(places)));
      }
    }
  }

  /** A look. */
  ReferencePass(List<Part> parts, FeatureExtractor extractor, MetricContext context) {
    this.parts = List.copyOf(parts);
    this.extractor = extractor;
    this.context = context;
  }

  /** Goes through the images, in their order. */
  void run(Split split) throws IOException {
    ImageDataset dataset = context.reference(split);
    NDManager manager = context.manager();
    int[] all =
        parts.stream()
            .flatMapToInt(part -> Arrays.stream(part.indices))
            .sorted()
            .distinct()
            .toArray();
    ImageBatches images = new ImageBatches(dataset, all);
    for (int start = 0; start < all.length; start += BATCH) {
      int from = start;
      int to = Math.min(all.length, from + BATCH);
      int[] batch = Arrays.copyOfRange(all, from, to);
      ArrayScope.run(
          () -> {
            NDArray features = extractor.features(images.bytes(from, to, manager));
            parts.forEach(part -> part.add(batch, features));
          });
      context.progress("features of reference images", to, all.length);
    }
  }
}
