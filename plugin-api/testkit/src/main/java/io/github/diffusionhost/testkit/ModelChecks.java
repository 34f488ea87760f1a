package io.github.diffusionhost.testkit;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.diffusionhost.api.ModelProvider;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.ModelContext;
import io.github.diffusionhost.api.model.ParameterNames;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every network, tried on small images. Initial weights may make a prediction of
 * zeros, so that most checks first move every weight at random.
 */
final class ModelChecks<O extends Record> {
  private static final ImageShape GRAY = new ImageShape(1, 16, 16);
  private static final ImageShape COLOUR = new ImageShape(3, 16, 16);
  private static final int CLASSES = 10;

  private final ModelProvider<O> provider;
  private final O options;

  private ModelChecks(ModelProvider<O> provider, O options) {
    this.provider = provider;
    this.options = options;
  }

  static <O extends Record> List<Check> of(ModelProvider<O> provider, O options) {
    ModelChecks<O> checks = new ModelChecks<>(provider, options);
    return List.of(
        ArrayScope.check("a new network has no arrays yet", checks::arraysComeLater),
        ArrayScope.check("a prediction has the shape of its images", checks::keepsShape),
        ArrayScope.check("images without labels are predicted too", checks::worksWithoutLabels),
        ArrayScope.check("the label for no label is one of the labels", checks::takesNoLabel),
        ArrayScope.check("any noise condition gives finite numbers", checks::takesAnyCondition),
        ArrayScope.check("an image does not depend on its neighbours", checks::imagesAreApart),
        ArrayScope.check("the same noise makes the same network", checks::repeats),
        ArrayScope.check("the loss moves nearly every weight", checks::gradientsArrive),
        ArrayScope.check("reference constants are no parameters", checks::constantsAreApart),
        ArrayScope.check(
            "features have a row for each image, whatever else is asked for",
            checks::featuresHaveRows));
  }

  private void arraysComeLater(NDManager manager) {
    Denoiser network = provider.create(options, context(manager, GRAY, 0, false));
    Expect.that(!network.isInitialized(), () -> "the arrays are there before the host asks");
    network.initialize(manager, DataType.FLOAT32);
    Expect.that(network.isInitialized(), () -> "initialize leaves parameters without arrays");
  }

  private void keepsShape(NDManager manager) {
    for (ImageShape shape : List.of(GRAY, COLOUR)) {
      Denoiser network = moved(manager, context(manager, shape, CLASSES, false));
      for (int n = 1; n <= 3; n++) {
        NDArray x = images(manager, shape, n);
        NDArray out = predict(manager, network, x, times(manager, n), labels(manager, n));
        Expect.finite("the prediction of " + n + " images", out, shape.batch(n));
      }
    }
  }

  private void worksWithoutLabels(NDManager manager) {
    Denoiser network = moved(manager, context(manager, GRAY, 0, false));
    NDArray out = predict(manager, network, images(manager, GRAY, 2), times(manager, 2), null);
    Expect.finite("the prediction without labels", out, GRAY.batch(2));
  }

  private void takesNoLabel(NDManager manager) {
    Denoiser network = moved(manager, context(manager, GRAY, CLASSES, true));
    NDArray labels = manager.create(new long[] {0, CLASSES - 1, CLASSES});
    NDArray out = predict(manager, network, images(manager, GRAY, 3), times(manager, 3), labels);
    Expect.finite("the prediction of the first, the last and no label", out, GRAY.batch(3));
  }

  private void takesAnyCondition(NDManager manager) {
    Denoiser network = moved(manager, context(manager, GRAY, 0, false));
    float[] conditions = {-999, -1.5f, 0, 0.002f, 80, 1000};
    int n = conditions.length;
    NDArray out =
        predict(manager, network, images(manager, GRAY, n), manager.create(conditions), null);
    Expect.finite("the prediction at conditions from -999 to 1000", out, GRAY.batch(n));
  }

  private void imagesAreApart(NDManager manager) {
    Denoiser network = moved(manager, context(manager, GRAY, CLASSES, false));
    NDArray x = images(manager, GRAY, 3);
    NDArray times = times(manager, 3);
    NDArray labels = labels(manager, 3);
    NDArray together = predict(manager, network, x, times, labels);
    for (int i = 0; i < 3; i++) {
      String rows = i + ":" + (i + 1);
      NDArray alone = predict(manager, network, x.get(rows), times.get(rows), labels.get(rows));
      Expect.close("image " + i + " among others", together.get(rows), alone);
    }
  }

  private void repeats(NDManager manager) {
    Map<String, Parameter> first = ParameterNames.of(fresh(manager, 1));
    Map<String, Parameter> again = ParameterNames.of(fresh(manager, 1));
    Map<String, Parameter> other = ParameterNames.of(fresh(manager, 2));
    boolean differs = false;
    for (Map.Entry<String, Parameter> entry : first.entrySet()) {
      NDArray weights = entry.getValue().getArray();
      Expect.that(
          weights.contentEquals(again.get(entry.getKey()).getArray()),
          () -> entry.getKey() + " starts with other values from the same noise");
      differs |= !weights.contentEquals(other.get(entry.getKey()).getArray());
    }
    boolean depends = differs;
    Expect.that(depends, () -> "the initial weights do not come from the context's noise");
  }

  private void gradientsArrive(NDManager manager) {
    Denoiser network = moved(manager, context(manager, GRAY, CLASSES, false));
    NDArray x = images(manager, GRAY, 3);
    NDArray target = new SeededNoise(manager, 77).normal(x.getShape());
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      Forward pass =
          Forward.of(new ParameterStore(manager, false), true, new SeededNoise(manager, 5));
      NDArray out = network.predict(pass, x, times(manager, 3), labels(manager, 3));
      Expect.differentiable("the prediction", out.sub(target).square().mean(), collector);
    }
    List<String> still = new ArrayList<>();
    int trained = 0;
    for (Map.Entry<String, Parameter> entry : ParameterNames.of(network).entrySet()) {
      if (!entry.getValue().requiresGradient()) {
        continue;
      }
      trained++;
      NDArray gradient = entry.getValue().getArray().getGradient();
      Expect.finite("the gradient of " + entry.getKey(), gradient, entry.getValue().getShape());
      if (gradient.abs().max().getFloat() == 0) {
        still.add(entry.getKey());
      }
    }
    int all = trained;
    Expect.that(
        still.size() * 5 <= all,
        () -> still.size() + " of " + all + " parameters get no gradient: " + still);
  }

  private void constantsAreApart(NDManager manager) {
    Denoiser network = fresh(manager, 1);
    Set<String> both = new LinkedHashSet<>(network.referenceConstants());
    both.retainAll(ParameterNames.of(network).keySet());
    Expect.that(both.isEmpty(), () -> "these are parameters as well: " + both);
  }

  private void featuresHaveRows(NDManager manager) {
    Denoiser network = moved(manager, context(manager, GRAY, CLASSES, false));
    List<String> names = network.featureNames();
    if (names.isEmpty()) {
      return;
    }
    Map<String, NDArray> features = features(manager, network, 3, names);
    for (String name : names) {
      NDArray feature = features.get(name);
      Expect.that(feature != null, () -> "feature " + name + " is promised and not returned");
      Expect.that(
          feature.getShape().dimension() == 2,
          () -> "feature " + name + " has shape " + feature.getShape() + ", not [N,F]");
      Expect.finite(
          "feature " + name + " of 3 images", feature, new Shape(3, feature.getShape().get(1)));
      NDArray alone = features(manager, network, 3, List.of(name)).get(name);
      Expect.close("feature " + name + ", asked for alone", alone, feature);
      NDArray one = features(manager, network, 1, names).get(name);
      Expect.close("feature " + name + " of an image alone", one, feature.get("0:1"));
    }
    try {
      features(manager, network, 1, List.of("no-such-feature"));
    } catch (IllegalArgumentException expected) {
      return;
    }
    throw new AssertionError("a feature that is not there is returned");
  }

  private static Map<String, NDArray> features(
      NDManager manager, Denoiser network, int n, List<String> names) {
    Forward pass = Forward.of(new ParameterStore(manager, false), false, new RecordedNoise());
    NDArray x = images(manager, GRAY, 3).get("0:" + n);
    NDArray times = times(manager, 3).get("0:" + n);
    return network.features(pass, x, times, labels(manager, n), names);
  }

  private static ModelContext context(
      NDManager manager, ImageShape image, int classes, boolean unlabelled) {
    return new ModelContext(image, classes, unlabelled, new SeededNoise(manager, 1));
  }

  private Denoiser fresh(NDManager manager, long seed) {
    ModelContext context = new ModelContext(GRAY, CLASSES, false, new SeededNoise(manager, seed));
    Denoiser network = provider.create(options, context);
    network.initialize(manager, DataType.FLOAT32);
    return network;
  }

  /** A network whose weights are all a little off their initial values. */
  private Denoiser moved(NDManager manager, ModelContext context) {
    Denoiser network = provider.create(options, context);
    network.initialize(manager, DataType.FLOAT32);
    SeededNoise noise = new SeededNoise(manager, 3);
    for (Parameter parameter : ParameterNames.of(network).values()) {
      NDArray array = parameter.getArray();
      NDArray off = array.stopGradient().add(noise.normal(array.getShape()).mul(0.05));
      // A scalar times a number is a float64 in DJL.
      array.set(off.toType(DataType.FLOAT32, false).toByteBuffer());
    }
    return network;
  }

  private static NDArray predict(
      NDManager manager, Denoiser network, NDArray x, NDArray times, @Nullable NDArray labels) {
    Forward pass = Forward.of(new ParameterStore(manager, false), false, new RecordedNoise());
    return network.predict(pass, x, times, labels);
  }

  private static NDArray images(NDManager manager, ImageShape shape, int n) {
    return new SeededNoise(manager, 11).normal(shape.batch(n));
  }

  private static NDArray times(NDManager manager, int n) {
    return new SeededNoise(manager, 12).uniform(new Shape(n)).mul(1000);
  }

  private static NDArray labels(NDManager manager, int n) {
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i * 7L % CLASSES;
    }
    return manager.create(labels);
  }
}
