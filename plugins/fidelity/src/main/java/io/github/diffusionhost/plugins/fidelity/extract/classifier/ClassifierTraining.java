package io.github.diffusionhost.plugins.fidelity.extract.classifier;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.diffusionhost.api.ops.GradientScope;
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Trains the classifier, the same way for every dataset: 120,000 images in batches of 128, each
 * epoch in a new random order, the mean cross-entropy, Adam (Kingma and Ba 2015, arXiv 1412.6980)
 * with a learning rate that rises to 2·10⁻³ over a tenth of the steps and falls to 0 over the rest.
 * Runs on the CPU, so that a machine with a GPU gets the same weights.
 */
final class ClassifierTraining {
  /** Another number for another recipe: part of what kept weights are found by. */
  static final int VERSION = 1;

  /** How many steps the recipe takes: 120,000 images. */
  static final int STEPS = 937;

  private static final int BATCH = 128;
  private static final double PEAK = 2e-3;
  private static final double WARM_UP = 0.1;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final ClassifierNetwork network;
  private final ImageBatches images;
  private final Random random;
  private final int steps;
  private final Progress progress;

  /** Told how far a piece of work is. */
  @FunctionalInterface
  interface Progress {
    void at(long done, long total);
  }

  ClassifierTraining(
      ClassifierNetwork network, ImageBatches images, long seed, int steps, Progress progress) {
    this.network = network;
    this.images = images;
    this.random = new Random(seed);
    this.steps = steps;
    this.progress = progress;
  }

  /**
   * Trains from the beginning.
   *
   * @param manager a scope on the CPU; the caller closes it
   * @return the weights by name
   */
  Map<String, NDArray> run(NDManager manager) throws IOException {
    Map<String, Adam> weights = new LinkedHashMap<>();
    network.initial(random, manager).forEach((name, value) -> weights.put(name, new Adam(value)));
    int[] order = new int[0];
    int used = 0;
    for (int step = 0; step < steps; step++) {
      if (used + BATCH > order.length) {
        order = shuffled();
        used = 0;
      }
      step(order, used, weights, step, learningRate(step));
      used += BATCH;
      progress.at((long) (step + 1) * BATCH, (long) steps * BATCH);
    }
    Map<String, NDArray> values = new LinkedHashMap<>();
    weights.forEach((name, adam) -> values.put(name, adam.value));
    return values;
  }

  /** The indices in random order; of a small dataset several times over, to fill a batch. */
  private int[] shuffled() {
    int size = images.size();
    int[] order = new int[size * Math.max(1, (BATCH + size - 1) / size)];
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i % size;
    }
    return order;
  }

  private double learningRate(int step) {
    double warm = WARM_UP * steps;
    return PEAK * Math.min((step + 1) / warm, (steps - step) / (steps - warm));
  }

  private void step(int[] order, int first, Map<String, Adam> weights, int step, double rate)
      throws IOException {
    try (GradientScope scope = new GradientScope();
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      scope.suppressNotUsedWarning();
      Map<String, NDArray> leaves = new LinkedHashMap<>();
      weights.forEach(
          (name, adam) -> {
            NDArray leaf = adam.value.duplicate();
            leaf.setRequiresGradient(true);
            leaves.put(name, leaf);
          });
      NDManager manager = weights.values().iterator().next().value.getManager();
      collector.backward(loss(order, first, leaves, manager));
      weights.forEach((name, adam) -> adam.step(leaves.get(name).getGradient(), rate, step + 1));
    }
  }

  private NDArray loss(int[] order, int first, Map<String, NDArray> leaves, NDManager manager)
      throws IOException {
    ImageBatches batch = images.subset(order, first, first + BATCH);
    NDArray features = network.features(batch.bytes(0, BATCH, manager), leaves);
    NDArray logarithms = network.logits(features, leaves).logSoftmax(1);
    float[] wanted = new float[BATCH * network.classes()];
    int[] labels = batch.labels(0, BATCH);
    for (int i = 0; i < BATCH; i++) {
      wanted[i * network.classes() + labels[i]] = -1f / BATCH;
    }
    return logarithms.mul(manager.create(wanted, new Shape(BATCH, network.classes()))).sum();
  }

  /** A weight and Adam's running means of its gradient and of the gradient's square. */
  private static final class Adam {
    private final NDArray value;
    private final NDArray mean;
    private final NDArray square;

    Adam(NDArray value) {
      this.value = value;
      this.mean = value.getManager().zeros(value.getShape(), DataType.FLOAT32);
      this.square = value.getManager().zeros(value.getShape(), DataType.FLOAT32);
      NDScope.unregister(value, mean, square);
    }

    void step(NDArray gradient, double rate, int step) {
      NDArray g = gradient.stopGradient();
      mean.muli(BETA1).addi(g.mul(1 - BETA1));
      square.muli(BETA2).addi(g.mul(g).mul(1 - BETA2));
      NDArray root = square.div(1 - Math.pow(BETA2, step)).sqrt().add(EPSILON);
      value.subi(mean.mul(rate / (1 - Math.pow(BETA1, step))).div(root));
    }
  }
}
