package io.github.diffusionhost.app.plugins

import java.nio.file.Path

/**
 * Five small parts that work, one jar each, into which a line of Java can be put at any moment of their lives.
 *
 * Each is of a plugin `played-ROLE` and called `ROLE-played`; [lines] go where the keys say.
 */
class PlayedPlugins(private val folder: Path) {
  /** Writes the jars; [lines] by moment, such as `dataset.read` or `options.constructor`. */
  fun write(lines: Map<String, String>) {
    val unknown = lines.keys - MOMENTS
    require(unknown.isEmpty()) { "no moments: $unknown" }
    for ((role, source) in SOURCES) {
      val type = role.replaceFirstChar(Char::uppercase)
      val text = MOMENTS.fold(source) { text, moment -> text.replace("/*$moment*/", lines[moment].orEmpty()) }
      val classes = compileJava(mapOf("demo.$type" to HEAD + text))
      writeJar(folder.resolve("played-$role.jar"), manifestOf("played-$role"), classes + indexOf("demo.$type"))
    }
  }

  companion object {
    const val CONFIG =
      """
name: played
model: { use: model-played }
scheduler: { use: scheduler-played }
dataset: { use: dataset-played }
train: { steps: 12, batchSize: 4, compile: false, logEvery: 4, sampleEvery: 4, checkpointEvery: 6, ema: [] }
sample: { steps: 3, count: 2 }
"""

    val MOMENTS =
      setOf(
        "dataset.provider",
        "dataset.options",
        "dataset.open",
        "dataset.read",
        "dataset.augment",
        "dataset.mapped",
        "dataset.classes",
        "dataset.normalization",
        "scheduler.create",
        "scheduler.loss",
        "scheduler.sample",
        "scheduler.samples",
        "scheduler.curves",
        "scheduler.edges",
        "scheduler.at",
        "scheduler.condition",
        "scheduler.trainable",
        "model.create",
        "model.predict",
        "model.initialize",
        "metric.create",
        "metric.add",
        "metric.report",
        "tracker.start",
        "tracker.log",
      )

    private const val HEAD =
      """
      package demo;
      import ai.djl.ndarray.NDArray;
      import ai.djl.ndarray.types.Shape;
      import ai.djl.training.initializer.Initializer;
      import ai.djl.nn.Parameter;
      import io.github.diffusionhost.api.*;
      import io.github.diffusionhost.api.dataset.*;
      import io.github.diffusionhost.api.metric.*;
      import io.github.diffusionhost.api.model.*;
      import io.github.diffusionhost.api.noise.*;
      import io.github.diffusionhost.api.options.Option;
      import io.github.diffusionhost.api.scheduler.*;
      import io.github.diffusionhost.api.tracker.*;
      import java.io.IOException;
      import java.nio.file.Path;
      import java.util.*;
      """

    private val SOURCES =
      mapOf(
        "dataset" to
          """
          public class Dataset implements DatasetProvider<Dataset.Options> {
            static int calls;
            public Dataset() { /*dataset.provider*/ }
            public record Options(@Option(value = "images", min = 1) int count) {
              public Options { if (count == 7) { /*dataset.options*/ } }
            }
            @Override public String name() { return "dataset-played"; }
            @Override public String summary() { return "Played images"; }
            @Override public Options defaults() { return new Options(8); }
            @Override public ImageDataset open(Options options, DatasetContext context) throws IOException {
              /*dataset.open*/
              return new Images(options.count());
            }
            static class Images implements ImageDataset {
              final int count;
              Images(int count) { this.count = count; }
              @Override public ImageShape shape() { return new ImageShape(1, 4, 4); }
              @Override public int size() { return count; }
              @Override public List<String> classNames() { /*dataset.classes*/ return List.of(); }
              @Override public void read(int index, byte[] target, int offset) throws IOException {
                calls++;
                /*dataset.read*/
                for (int i = 0; i < 16; i++) target[offset + i] = (byte) (index * 31 + i * 7);
              }
              @Override public int label(int index) { return 0; }
              @Override public PixelNormalization normalization() { /*dataset.normalization*/ return PixelNormalization.SIGNED; }
              @Override public boolean mapped() { /*dataset.mapped*/ return false; }
              @Override public NDArray augment(NDArray images, Noise noise) {
                calls++;
                /*dataset.augment*/
                return images;
              }
            }
          }
          """,
        "scheduler" to
          """
          public class Scheduler implements SchedulerProvider<Scheduler.Options> {
            static int calls;
            static int samples;
            public record Options(@Option("a number") int number) {}
            @Override public String name() { return "scheduler-played"; }
            @Override public String summary() { return "Played noise"; }
            @Override public Options defaults() { return new Options(1); }
            @Override public io.github.diffusionhost.api.scheduler.Scheduler create(Options options, SchedulerContext c) {
              /*scheduler.create*/
              return new Line();
            }
            static class Line implements io.github.diffusionhost.api.scheduler.Scheduler {
              @Override public TrainingLoss loss(DenoisingNetwork network, NDArray images, Forward pass) {
                calls++;
                /*scheduler.loss*/
                long n = images.getShape().get(0);
                NDArray t = pass.noise().uniform(new Shape(n));
                NDArray eps = pass.noise().normal(images.getShape());
                NDArray w = t.reshape(n, 1, 1, 1);
                NDArray x = eps.mul(w).add(images.mul(w.neg().add(1)));
                NDArray error = network.predict(x, t).sub(eps.sub(images));
                NDArray each = error.mul(error).reshape(n, -1).mean(new int[] {1});
                return new TrainingLoss(each, each, t);
              }
              @Override public double[] levelEdges() { /*scheduler.edges*/ return new double[] {0, 0.5, 1}; }
              @Override public NoiseLevel at(double level) { /*scheduler.at*/ return new NoiseLevel(1 - level, level, -1.0, 1.0); }
              @Override public double conditionAt(double level) { /*scheduler.condition*/ return level; }
              @Override public Map<String, NDArray> curves(Forward pass, NDArray levels) {
                /*scheduler.curves*/
                return Map.of();
              }
              @Override public ai.djl.nn.Block trainable() { /*scheduler.trainable*/ return null; }
              @Override public List<SamplerFactory<?>> samplers() { return List.of(new Euler()); }
            }
            static class Euler implements SamplerFactory<Options> {
              @Override public String name() { return "euler-played"; }
              @Override public String summary() { return "Played steps"; }
              @Override public Options defaults() { return new Options(1); }
              @Override public int defaultSteps() { return 3; }
              @Override public Sampler create(Options options) {
                return (network, noise, sampling) -> {
                  /*scheduler.sample*/
                  NDArray x = noise;
                  for (int step = 0; step < sampling.steps(); step++) {
                    NDArray t = x.getManager().ones(new Shape(x.getShape().get(0)));
                    x = x.sub(network.predict(x, t).mul(1f / sampling.steps()));
                    sampling.listener().step(step + 1, x);
                  }
                  samples++;
                  /*scheduler.samples*/
                  return x;
                };
              }
            }
          }
          """,
        "model" to
          """
          public class Model implements ModelProvider<Model.Options> {
            static int calls;
            public record Options(@Option("a number") int number) {}
            @Override public String name() { return "model-played"; }
            @Override public String summary() { return "Played network"; }
            @Override public Options defaults() { return new Options(1); }
            @Override public Denoiser create(Options options, ModelContext context) {
              /*model.create*/
              return new Net(context);
            }
            static class Net extends Denoiser {
              private final Parameter weight;
              @Override public void initialize(ai.djl.ndarray.NDManager manager,
                  ai.djl.ndarray.types.DataType type, Shape... shapes) {
                /*model.initialize*/
                super.initialize(manager, type, shapes);
              }
              Net(ModelContext context) {
                weight = parameter("weight", Parameter.Type.WEIGHT,
                    new NormalInitializer(context.noise(), 0.1), new Shape(16, 16));
              }
              @Override public NDArray predict(Forward pass, NDArray x, NDArray condition, NDArray labels) {
                calls++;
                /*model.predict*/
                return x.reshape(-1, 16).matMul(pass.value(weight, x)).reshape(x.getShape());
              }
            }
          }
          """,
        "metric" to
          """
          public class Metric implements MetricProvider<Metric.Options> {
            public record Options(@Option("a number") int number) {}
            @Override public String name() { return "metric-played"; }
            @Override public String summary() { return "Played number"; }
            @Override public Options defaults() { return new Options(1); }
            @Override public io.github.diffusionhost.api.metric.Metric create(Options options, MetricContext context) {
              /*metric.create*/
              return new Counting();
            }
            static class Counting implements io.github.diffusionhost.api.metric.Metric {
              private long images;
              @Override public void add(NDArray more, NDArray labels) {
                /*metric.add*/
                images += more.getShape().get(0);
              }
              @Override public MetricReport report() throws IOException {
                /*metric.report*/
                return new MetricReport(Map.of("metric-played", (double) images), List.of(), Map.of());
              }
            }
          }
          """,
        "tracker" to
          """
          public class Tracker implements TrackerProvider<Tracker.Options> {
            public record Options(@Option("a number") int number) {}
            @Override public String name() { return "tracker-played"; }
            @Override public String summary() { return "Played records"; }
            @Override public Options defaults() { return new Options(1); }
            @Override public io.github.diffusionhost.api.tracker.Tracker start(Options options, TrackedRun run)
                throws IOException {
              /*tracker.start*/
              return new Forgetting();
            }
            static class Forgetting implements io.github.diffusionhost.api.tracker.Tracker {
              @Override public void log(List<TrackedRow> rows) throws IOException { /*tracker.log*/ }
              @Override public void artifact(Path file, String name) {}
              @Override public void ended(RunEnd end) {}
            }
          }
          """,
      )
  }
}
