package io.github.diffusionhost.plugins.fidelity.metric.novelty;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.ResumableMetric;
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.metric.feature.GeneratedShape;
import io.github.diffusionhost.plugins.fidelity.stats.NearestRows;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far generated images are from the training images that are nearest to them, and whether that
 * is nearer than test images are.
 */
final class NoveltyMetric implements ResumableMetric {
  /** Test images that are nearer than this share of them count as near copies. */
  private static final double QUANTILE = 0.01;

  private static final int CHUNK = 4096;

  private final NoveltyOptions options;
  private final MetricContext context;
  private final ImageDataset training;
  private final ImageSpace space;
  private final ByteArrayOutputStream generated = new ByteArrayOutputStream();

  NoveltyMetric(NoveltyOptions options, MetricContext context) throws IOException {
    this.options = options;
    this.context = context;
    this.training = context.reference(Split.TRAIN);
    this.space = ImageSpace.of(options, context);
    if (options.compareTest()) {
      // What is missing shows before anything is generated.
      context.reference(Split.TEST);
    }
  }

  @Override
  public void add(NDArray images, @Nullable NDArray labels) {
    GeneratedShape.check(images, training.shape());
    generated.writeBytes(images.toByteArray());
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeInt(generated.size());
    out.write(generated.toByteArray());
  }

  @Override
  public void restore(DataInput in) throws IOException {
    byte[] images = new byte[in.readInt()];
    in.readFully(images);
    generated.writeBytes(images);
  }

  @Override
  public MetricReport report() throws IOException {
    ImageBytes samples = new ImageBytes(training.shape(), generated.toByteArray());
    if (samples.size() == 0) {
      throw new IllegalStateException("there are no generated images to compare");
    }
    return ArrayScope.value(
        () -> {
          NearestRows nearest = search(samples, "nearest training images");
          double[] distances = space.scaled(nearest.distances());
          Map<String, Double> values = new LinkedHashMap<>();
          values.put("median", quantile(distances, 0.5));
          values.put("minimum", quantile(distances, 0));
          Protocol protocol =
              new Protocol()
                  .with("distance", space.words())
                  .with("generated images", samples.size())
                  .with("training images", training.size())
                  .with("training images sha256", allOfTraining().sha256());
          if (options.compareTest()) {
            compare(distances, values, protocol);
          }
          return new MetricReport(
              values, List.of(figure(samples, nearest, distances)), protocol.entries());
        });
  }

  /** Adds what the test images' own distances are, and how many samples are nearer. */
  private void compare(double[] distances, Map<String, Double> values, Protocol protocol)
      throws IOException {
    ImageDataset test = context.reference(Split.TEST);
    ImageBytes held = ImageBytes.of(test, 0, Math.min(test.size(), distances.length));
    double[] others = space.scaled(search(held, "the same of test images").distances());
    double limit = quantile(others, QUANTILE);
    long near = Arrays.stream(distances).filter(distance -> distance < limit).count();
    values.put("near-copies", (double) near / distances.length);
    values.put("median-of-test", quantile(others, 0.5));
    protocol
        .with("test images", held.size())
        .with("near-copies", "share nearer than 1% of the test images are");
  }

  private ImageBatches allOfTraining() {
    return new ImageBatches(training, IntStream.range(0, training.size()).toArray());
  }

  private NearestRows search(ImageBytes images, String what) throws IOException {
    NearestRows nearest = new NearestRows(space.rows(images));
    for (int start = 0; start < training.size(); start += CHUNK) {
      int from = start;
      int to = Math.min(training.size(), from + CHUNK);
      ArrayScope.run(() -> nearest.add(space.rows(ImageBytes.of(training, from, to)), from));
      context.progress(what, to, training.size());
    }
    return nearest;
  }

  private MetricReport.Figure figure(ImageBytes samples, NearestRows nearest, double[] distances)
      throws IOException {
    int[] order =
        IntStream.range(0, samples.size())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> distances[i]))
            .limit(options.pairs())
            .mapToInt(Integer::intValue)
            .toArray();
    PairsFigure figure = new PairsFigure(training.shape(), order.length);
    for (int i = 0; i < order.length; i++) {
      byte[] neighbour = new byte[training.shape().elements()];
      training.read(nearest.nearest(order[i]), neighbour, 0);
      figure.draw(i, samples.image(order[i]), neighbour);
    }
    return new MetricReport.Figure(
        "nearest-training-images",
        "Generated images above the training images nearest to them, the nearest pairs first",
        figure.png());
  }

  /** The value that this share of the values is at most. */
  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
  }
}
