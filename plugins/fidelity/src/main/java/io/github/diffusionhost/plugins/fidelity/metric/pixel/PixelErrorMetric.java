package io.github.diffusionhost.plugins.fidelity.metric.pixel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.PixelNormalization;
import io.github.diffusionhost.api.dataset.Split;
import io.github.diffusionhost.api.metric.Metric;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.api.metric.MetricReport;
import io.github.diffusionhost.api.metric.NetworkPrediction;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.plugins.fidelity.extract.feature.ImageBatches;
import io.github.diffusionhost.plugins.fidelity.metric.Protocol;
import io.github.diffusionhost.plugins.fidelity.stats.PixelError;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes test images noisy, lets the network predict once, and compares the image that follows from
 * the prediction with the one there was. With {@code x = s·x0 + n·eps} and the prediction {@code p
 * = a·x0 + b·eps}, that image is {@code (n·p − b·x)/(n·a − b·s)}, clipped to valid pixels.
 */
final class PixelErrorMetric implements Metric {
  private final PixelErrorOptions options;
  private final MetricContext context;
  private final ImageDataset dataset;
  private final ImageBatches images;
  private final double[] levels;
  private final List<String> names;

  PixelErrorMetric(PixelErrorOptions options, MetricContext context) throws IOException {
    this.options = options;
    this.context = context;
    this.dataset = context.reference(Split.TEST);
    int size =
        options.images() == null ? dataset.size() : Math.min(options.images(), dataset.size());
    this.images = new ImageBatches(dataset, IntStream.range(0, size).toArray());
    this.levels =
        options.levels().isEmpty()
            ? context.scheduler().samplingLevels(options.steps())
            : options.levels().stream().mapToDouble(Double::doubleValue).toArray();
    this.names = names(levels);
    check(context.scheduler());
  }

  /** To four digits, if that tells them apart. */
  private static List<String> names(double[] levels) {
    MathContext digits = new MathContext(4);
    List<String> names =
        Arrays.stream(levels)
            .mapToObj(x -> new BigDecimal(x).round(digits).stripTrailingZeros().toPlainString())
            .toList();
    boolean distinct = Set.copyOf(names).size() == names.size();
    return distinct ? names : Arrays.stream(levels).mapToObj(Double::toString).toList();
  }

  private void check(Scheduler scheduler) {
    double[] edges = scheduler.levelEdges();
    double least = edges[0];
    double most = edges[edges.length - 1];
    for (double level : options.levels()) {
      if (!(level >= least && level <= most)) {
        throw new IllegalArgumentException(
            "levels: %s is no noise level of this process, whose levels go from %s to %s"
                .formatted(level, least, most));
      }
    }
  }

  /** None: it looks at the network. */
  @Override
  public int samples(int requested) {
    return 0;
  }

  @Override
  public void add(NDArray generated, @Nullable NDArray labels) {
    throw new UnsupportedOperationException("the pixel error takes no generated images");
  }

  @Override
  public MetricReport report() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    for (String name : List.of("rmse", "psnr", "ssim")) {
      values.put(name, 0.0);
    }
    NetworkPrediction network = context.prediction();
    for (int i = 0; i < levels.length; i++) {
      PixelError error = at(i, network);
      values.merge("rmse", error.rmse() / levels.length, Double::sum);
      values.merge("psnr", error.psnr() / levels.length, Double::sum);
      values.merge("ssim", error.ssim() / levels.length, Double::sum);
      values.put("rmse/" + names.get(i), error.rmse());
      values.put("psnr/" + names.get(i), error.psnr());
      values.put("ssim/" + names.get(i), error.ssim());
    }
    return new MetricReport(values, List.of(), protocol(network));
  }

  private Map<String, String> protocol(NetworkPrediction network) throws IOException {
    return new Protocol()
        .with("test images", images.size())
        .with("test images sha256", images.sha256())
        .with("levels", Arrays.toString(levels))
        .with("rmse, psnr and ssim", "means over the levels; pixels 0 to 1, clipped")
        .with("seed", context.seed())
        .with("precision", network.precision())
        .entries();
  }

  private PixelError at(int place, NetworkPrediction network) throws IOException {
    PixelError error = new PixelError(1);
    for (int start = 0; start < images.size(); start += options.batchSize()) {
      int from = start;
      int to = Math.min(images.size(), from + options.batchSize());
      ArrayScope.run(
          () -> compare(from, to, levels[place], context.noise(place, from), network, error));
      context.progress(
          "level " + names.get(place),
          (long) place * images.size() + to,
          (long) levels.length * images.size());
    }
    return error;
  }

  private void compare(
      int from, int to, double level, Noise noise, NetworkPrediction network, PixelError error)
      throws IOException {
    NDManager manager = context.manager();
    PixelNormalization normalization = dataset.normalization();
    NDArray wanted = normalization.normalize(images.bytes(from, to, manager));
    NoiseLevel mix = context.scheduler().at(level);
    NDArray seen = mix.seen(wanted, noise.normal(wanted.getShape()));
    NDArray found = restored(mix, seen, network.of(seen, level, labels(from, to)));
    error.add(pixels(found, normalization), pixels(wanted, normalization));
  }

  private @Nullable NDArray labels(int from, int to) {
    return dataset.classNames().isEmpty()
        ? null
        : context.manager().create(Arrays.stream(images.labels(from, to)).asLongStream().toArray());
  }

  private static NDArray restored(NoiseLevel level, NDArray seen, NDArray prediction) {
    if (level.targetNoise() == 0) {
      return prediction.div(level.targetSignal());
    }
    double divisor = level.noise() * level.targetSignal() - level.targetNoise() * level.signal();
    if (divisor == 0) {
      throw new IllegalStateException(
          "the network's prediction says nothing of the image where there is only noise: give"
              + " levels below");
    }
    return prediction.mul(level.noise() / divisor).sub(seen.mul(level.targetNoise() / divisor));
  }

  /** From 0 to 1. */
  private static NDArray pixels(NDArray normalized, PixelNormalization normalization) {
    return normalized.mul(normalization.std()).add(normalization.mean()).clip(0f, 1f);
  }
}
