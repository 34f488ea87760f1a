package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.metric.NetworkFeatures;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.contract.CheckedLevels;
import io.github.diffusionhost.engine.data.ImageSpec;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.Execution;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Features of a network: of its trained weights, or of those that {@link #use} gave last. */
public final class FeatureExtractor implements NetworkFeatures, AutoCloseable {
  private final Network network;
  private final List<String> names;
  private final Told told;
  private final Predictor predictor;

  /** What the network is told in place of a label. */
  private record Told(String words, @Nullable Long label) {
    static Told of(ImageSpec images, boolean unlabelled) {
      int classes = images.classes();
      if (classes == 0) {
        return new Told("none", null);
      }
      return unlabelled
          ? new Told("none (value " + classes + ")", (long) classes)
          : new Told("0 for every image", 0L);
    }
  }

  /**
   * An extractor.
   *
   * @param unlabelled whether the network was also trained without labels
   * @param names some of the features of the network, at least one
   * @param execution how it runs
   * @throws IllegalArgumentException if there is no name, or the network has no feature of a name
   */
  public FeatureExtractor(
      Network network,
      ImageSpec images,
      boolean unlabelled,
      List<String> names,
      Execution execution) {
    this.network = network;
    this.names = List.copyOf(names);
    this.told = Told.of(images, unlabelled);
    requireKnown();
    this.predictor =
        Predictors.of(
            network,
            Inference.features(network, this.names),
            images.shape(),
            images.classes() > 0,
            execution);
  }

  /**
   * Uses these weights, as they are now, from here on. To be called before the first features.
   *
   * @param noise the draws of a network that draws while it computes
   */
  public void use(Weights weights, Noise noise) {
    predictor.use(weights, noise);
  }

  @Override
  public Map<String, NDArray> of(NDArray images, NDArray noise, double level) {
    NDList features;
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      NDManager manager = images.getManager();
      Shape count = new Shape(images.getShape().get(0));
      CheckedLevels levels = new CheckedLevels(network.scheduler());
      NDArray x = levels.at(level).seen(images, noise);
      NDArray condition = manager.full(count, (float) levels.conditionAt(level));
      NDArray labels =
          told.label() == null ? null : manager.full(count, told.label(), DataType.INT64);
      features = predictor.compute(x, condition, labels);
      NDScope.unregister(features);
    }
    Map<String, NDArray> byName = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      NDScope.register(features.get(i));
      byName.put(names.get(i), features.get(i));
    }
    return byName;
  }

  @Override
  public String label() {
    return told.words();
  }

  @Override
  public void close() {
    predictor.close();
  }

  private void requireKnown() {
    List<String> known = network.denoiser().featureNames();
    List<String> unknown = names.stream().filter(name -> !known.contains(name)).toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("no feature is named");
    } else if (known.isEmpty()) {
      throw new IllegalArgumentException("the network has no features by name");
    } else if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "the network has no feature named %s: it has %s"
              .formatted(String.join(", ", unknown), String.join(", ", known)));
    }
  }
}
