package io.github.diffusionhost.plugins.linearprobe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.NetworkFeatures;
import io.github.diffusionhost.plugins.linearprobe.Draws.Use;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A classifier for each noise step and feature. All learn from the same images; what one sees and
 * where it starts does not depend on the others.
 */
final class ProbeGrid {
  private final List<Integer> steps;
  private final double[] levels;
  private final List<String> names;
  private final List<String> known;
  private final MetricContext context;
  private final NetworkFeatures features;
  private final Map<Place, LinearClassifier> classifiers = new LinkedHashMap<>();

  /**
   * A classifier's place.
   *
   * @param step the noise step, counted from the clean end of a sampling
   */
  record Place(int step, String feature) {
    @Override
    public String toString() {
      return "step-" + step + "/" + feature;
    }
  }

  ProbeGrid(LinearProbeOptions options, List<String> names, MetricContext context) {
    this.steps = options.noiseSteps();
    this.levels = context.scheduler().samplingLevels(options.steps());
    this.names = names;
    this.known = context.denoiser().featureNames();
    this.context = context;
    this.features = context.features(names);
  }

  List<String> names() {
    return names;
  }

  /** What the network is told in place of a label. */
  String label() {
    return features.label();
  }

  /** The level of a noise step: the last of the sampling is step 1. */
  double level(int step) {
    return levels[levels.length - step];
  }

  /**
   * Trains every classifier on a batch.
   *
   * @param batch a number of its own for each batch of the training
   */
  void train(NDManager manager, NDArray images, NDArray labels, Batch batch) {
    each(
        images,
        Use.TRAIN_NOISE,
        batch.number(),
        (place, array) -> {
          LinearClassifier classifier =
              classifiers.computeIfAbsent(
                  place, key -> fresh(manager, key, array, batch.classes()));
          classifier.train(array, labels, batch.learningRate());
        });
  }

  /**
   * One batch of the training.
   *
   * @param number of the batch in the whole training
   * @param classes the number of labels
   */
  record Batch(long number, int classes, double learningRate) {}

  /** Adds how many labels of a batch each classifier tells. */
  void test(NDArray images, NDArray labels, long number, Map<Place, Long> correct) {
    each(
        images,
        Use.TEST_NOISE,
        number,
        (place, array) ->
            correct.merge(place, classifiers.get(place).correct(array, labels), Long::sum));
  }

  private void each(NDArray images, Use use, long number, BiConsumer<Place, NDArray> body) {
    for (int step : steps) {
      ArrayScope.run(
          () -> {
            NDArray noise = Draws.of(context, use, step, number).normal(images.getShape());
            Map<String, NDArray> found = features.of(images, noise, level(step));
            for (String name : names) {
              Place place = new Place(step, name);
              requireFinite(place, found.get(name));
              body.accept(place, found.get(name));
            }
          });
    }
  }

  private LinearClassifier fresh(NDManager manager, Place place, NDArray example, int classes) {
    return new LinearClassifier(
        manager,
        example.getShape().get(1),
        classes,
        Draws.of(context, Use.WEIGHTS, place.step(), known.indexOf(place.feature())));
  }

  private static void requireFinite(Place place, NDArray array) {
    if (!Float.isFinite(array.sum().getFloat())) {
      throw new IllegalStateException(
          "features at "
              + place
              + " are not finite: the weights are broken or too large; evaluate an earlier"
              + " checkpoint, or other weights");
    }
  }
}
