package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.Extractors;
import io.github.diffusionhost.plugins.fidelity.extract.feature.FeatureExtractor;
import java.io.IOException;
import java.util.Arrays;

/** Where images are vectors that have a distance. */
sealed interface ImageSpace {
  /** The space that the options choose. */
  static ImageSpace of(NoveltyOptions options, MetricContext context) throws IOException {
    return switch (options.space()) {
      case PIXELS -> new Pixels(context.reference(Split.TRAIN).shape(), context.manager());
      case FEATURES ->
          new Features(
              Extractors.open(options.extractor(), context).extractor(), context.manager());
    };
  }

  /** The images as rows [N,D], in the caller's scope. */
  NDArray rows(ImageBytes images);

  /** Distances of rows as they are reported. */
  double[] scaled(double[] distances);

  /** What a reported distance is. */
  String words();

  /** Root mean square over channels and pixels. */
  record Pixels(ImageShape shape, NDManager manager) implements ImageSpace {
    @Override
    public NDArray rows(ImageBytes images) {
      return images.array(0, images.size(), manager).reshape(-1, shape.elements());
    }

    @Override
    public double[] scaled(double[] distances) {
      double scale = 1 / (255 * Math.sqrt(shape.elements()));
      return Arrays.stream(distances).map(distance -> distance * scale).toArray();
    }

    @Override
    public String words() {
      return "root mean square over channels and pixels, 0 to 1";
    }
  }

  /** Euclidean, between features. */
  record Features(FeatureExtractor extractor, NDManager manager) implements ImageSpace {
    private static final int BATCH = 128;

    @Override
    public NDArray rows(ImageBytes images) {
      NDList parts = new NDList();
      for (int from = 0; from < images.size(); from += BATCH) {
        int first = from;
        int to = Math.min(images.size(), from + BATCH);
        parts.add(ArrayScope.returning(() -> extractor.features(images.array(first, to, manager))));
      }
      return NDArrays.concat(parts, 0);
    }

    @Override
    public double[] scaled(double[] distances) {
      return distances;
    }

    @Override
    public String words() {
      return "Euclidean, between features of %s, sha256 %s"
          .formatted(extractor.name(), extractor.sha256());
    }
  }
}
