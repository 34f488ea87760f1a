package io.github.diffusionhost.plugins.linearprobe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.plugins.linearprobe.Draws.Use;
import io.github.diffusionhost.plugins.linearprobe.ProbeGrid.Place;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Trains the classifiers of a grid on the train split and tests them on the test split. */
final class LinearProbe implements Metric {
  private final LinearProbeOptions options;
  private final MetricContext context;
  private final NDManager manager;
  private final ProbeGrid grid;
  private final ProbeImages train;
  private final ProbeImages test;
  private final long work;
  private long done;

  LinearProbe(
      LinearProbeOptions options,
      MetricContext context,
      ProbeGrid grid,
      ProbeImages train,
      ProbeImages test) {
    this.options = options;
    this.context = context;
    this.grid = grid;
    this.train = train;
    this.test = test;
    this.work = (long) options.epochs() * train.size() + test.size();
    if (train.classesSeen() < 2) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the %d training images are all of one class, and a probe tells two or more apart",
              train.size()));
    }
    this.manager = context.manager().newSubManager();
  }

  /** None: a probe looks at the network. */
  @Override
  public int samples(int requested) {
    return 0;
  }

  @Override
  public void add(NDArray images, @Nullable NDArray labels) {
    throw new UnsupportedOperationException("a linear probe takes no generated images");
  }

  @Override
  public MetricReport report() throws IOException {
    done = 0;
    for (int epoch = 0; epoch < options.epochs(); epoch++) {
      train(epoch);
    }
    return report(test());
  }

  @Override
  public void close() {
    manager.close();
  }

  private void train(int epoch) throws IOException {
    int[] order = Draws.permutation(Draws.of(context, Use.ORDER, epoch), train.size());
    boolean[] flips = flips(epoch);
    double rate = CosineRate.at(epoch, options.epochs(), options.learningRate());
    int batches = (train.size() + options.batchSize() - 1) / options.batchSize();
    for (int i = 0; i < batches; i++) {
      int[] places = batch(order, i);
      boolean[] flipped = new boolean[places.length];
      for (int j = 0; j < places.length; j++) {
        flipped[j] = flips[places[j]];
      }
      ProbeGrid.Batch batch =
          new ProbeGrid.Batch((long) epoch * batches + i, train.classes(), rate);
      ArrayScope.run(
          () ->
              grid.train(
                  manager,
                  train.pixels(manager, places, flipped),
                  train.labels(manager, places),
                  batch));
      progress("epoch " + (epoch + 1) + " of " + options.epochs(), places.length);
    }
  }

  private Map<Place, Long> test() throws IOException {
    Map<Place, Long> correct = new LinkedHashMap<>();
    int[] all = IntStream.range(0, test.size()).toArray();
    for (int batch = 0; batch * options.batchSize() < all.length; batch++) {
      int i = batch;
      int[] places = batch(all, i);
      ArrayScope.run(
          () -> {
            NDArray images = test.pixels(manager, places, new boolean[places.length]);
            grid.test(images, test.labels(manager, places), i, correct);
          });
      progress("test images", places.length);
    }
    return correct;
  }

  private boolean[] flips(int epoch) {
    boolean[] flips = new boolean[train.size()];
    if (options.flip()) {
      float[] drawn;
      try (NDArray draws = Draws.of(context, Use.FLIPS, epoch).uniform(new Shape(flips.length))) {
        drawn = draws.toFloatArray();
      }
      for (int i = 0; i < flips.length; i++) {
        flips[i] = drawn[i] < 0.5f;
      }
    }
    return flips;
  }

  private int[] batch(int[] order, int number) {
    int from = number * options.batchSize();
    return Arrays.copyOfRange(order, from, Math.min(order.length, from + options.batchSize()));
  }

  private void progress(String what, int images) {
    done += images;
    context.progress(what, done, work);
  }

  private MetricReport report(Map<Place, Long> correct) {
    Map<String, Double> values = new LinkedHashMap<>();
    Place best = correct.keySet().iterator().next();
    for (Place place : correct.keySet()) {
      best = correct.get(place) > correct.get(best) ? place : best;
    }
    values.put("accuracy", accuracy(correct.get(best)));
    correct.forEach((place, count) -> values.put("accuracy/" + place, accuracy(count)));
    return new MetricReport(values, List.of(), protocol(best));
  }

  private double accuracy(long correct) {
    return (double) correct / test.size();
  }

  private Map<String, String> protocol(Place best) {
    Map<String, String> protocol = new LinkedHashMap<>();
    protocol.put("accuracy", "share of test images, of the best classifier: " + best);
    protocol.put("train images", "" + train.size());
    protocol.put("test images", "" + test.size());
    protocol.put("classes", "" + train.classes());
    protocol.put("label given to the network", grid.label());
    for (int step : options.noiseSteps()) {
      protocol.put(
          "noise step " + step + " of " + options.steps(),
          String.format(Locale.ROOT, "level %.6g", grid.level(step)));
    }
    protocol.put("features", String.join(", ", grid.names()));
    protocol.put("epochs", "" + options.epochs());
    protocol.put("batch size", "" + options.batchSize());
    protocol.put("learning rate", options.learningRate() + ", cosine to 0 by epoch");
    protocol.put("flip", options.flip() ? "left to right, probability 0.5" : "none");
    protocol.put("seed", "" + context.seed());
    return protocol;
  }
}
