package io.github.diffusionhost.testkit;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.diffusionhost.api.SchedulerProvider;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.scheduler.NoiseLevel;
import io.github.diffusionhost.api.scheduler.Sampler;
import io.github.diffusionhost.api.scheduler.SamplerFactory;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.api.scheduler.Scheduler;
import io.github.diffusionhost.api.scheduler.SchedulerContext;
import io.github.diffusionhost.api.scheduler.TrainingLoss;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What holds for every noise process and its samplers, tried with a tiny network. */
final class SchedulerChecks<O extends Record> {
  private static final ImageShape IMAGE = new ImageShape(2, 8, 8);

  /** Images of 128 values each: enough to tell the size of noise. */
  private static final int SEEN = 32;

  /** Pixels beside which noise is nothing. */
  private static final double LARGE = 1000;

  private final SchedulerProvider<O> provider;
  private final O options;

  private SchedulerChecks(SchedulerProvider<O> provider, O options) {
    this.provider = provider;
    this.options = options;
  }

  static <O extends Record> List<Check> of(SchedulerProvider<O> provider, O options) {
    SchedulerChecks<O> checks = new SchedulerChecks<>(provider, options);
    return List.of(
        ArrayScope.check("each image has a loss and a level", checks::lossesPerImage),
        ArrayScope.check("levels have bins and a meaning", checks::levels),
        ArrayScope.check("the levels of a sampling fall", checks::samplingLevels),
        ArrayScope.check("a level says what training gives the network", checks::levelsAreSeen),
        ArrayScope.check("the same noise gives the same losses", checks::lossesRepeat),
        ArrayScope.check("the loss moves the network", checks::networkLearns),
        ArrayScope.check("samplers have names, documented options and steps", checks::documented),
        ArrayScope.check("samplers keep the shape, and tell of every step", checks::samplersRun),
        ArrayScope.check("samplers leave the noise alone", checks::samplersKeepNoise),
        ArrayScope.check("a sample does not depend on its neighbours", checks::samplesAreApart),
        ArrayScope.check("the same noise gives the same samples", checks::samplesRepeat));
  }

  private void lossesPerImage(NDManager manager) {
    for (int n : new int[] {1, 5}) {
      TrainingLoss loss = loss(manager, scheduler(manager), TinyNetwork.of(manager, 2), n, 4);
      Expect.finite("the loss of " + n + " images", loss.perImage(), new Shape(n));
      Expect.finite("the squared error of " + n + " images", loss.squaredError(), new Shape(n));
      Expect.finite("the level of " + n + " images", loss.level(), new Shape(n));
    }
  }

  private void levels(NDManager manager) {
    Scheduler scheduler = scheduler(manager);
    double[] edges = scheduler.levelEdges();
    Expect.that(edges.length >= 2, () -> "there are fewer than two level edges");
    for (int i = 1; i < edges.length; i++) {
      int bin = i;
      Expect.that(
          edges[i] > edges[i - 1],
          () -> "level edge " + edges[bin] + " does not rise from " + edges[bin - 1]);
      NoiseLevel level = scheduler.at((edges[i] + edges[i - 1]) / 2);
      Expect.that(
          Double.isFinite(level.signal()) && Double.isFinite(level.linearError(1)),
          () -> "the noise level in the middle of bin " + bin + " is not finite");
      Expect.that(level.noise() >= 0, () -> "bin " + bin + " has negative noise");
      Expect.that(
          Double.isFinite(scheduler.conditionAt((edges[bin] + edges[bin - 1]) / 2)),
          () -> "the noise condition in the middle of bin " + bin + " is not finite");
    }
  }

  private void samplingLevels(NDManager manager) {
    Scheduler scheduler = scheduler(manager);
    for (int steps : new int[] {1, 2, 18}) {
      double[] levels = scheduler.samplingLevels(steps);
      Expect.that(
          levels.length == steps,
          () -> "a sampling of " + steps + " steps has " + levels.length + " levels");
      for (int i = 0; i < steps; i++) {
        int step = i;
        Expect.that(
            Double.isFinite(levels[i]) && (i == 0 || levels[i] < levels[i - 1]),
            () -> "level " + step + " of " + steps + " does not fall: " + levels[step]);
      }
    }
  }

  /**
   * Two batches with the same draws: images of zeros show the noise, large ones the signal, however
   * the noise is shared out among them.
   */
  private void levelsAreSeen(NDManager manager) {
    Scheduler scheduler = scheduler(manager);
    SeenInputs noise = SeenInputs.of(scheduler, manager.zeros(IMAGE.batch(SEEN)));
    SeenInputs both = SeenInputs.of(scheduler, manager.ones(IMAGE.batch(SEEN)).mul(LARGE));
    float[] signals = both.means().sub(noise.means()).div(LARGE).toFloatArray();
    float[] squares = noise.squares().toFloatArray();
    float[] levels = noise.levels().toFloatArray();
    double sum = 0;
    int noisy = 0;
    for (int i = 0; i < SEEN; i++) {
      int image = i;
      NoiseLevel level = scheduler.at(levels[i]);
      double scale = Math.max(1, Math.max(Math.abs(level.signal()), level.noise()));
      Expect.that(
          Math.abs(signals[i] - level.signal()) <= 2e-3 * scale,
          () ->
              "at level %s the network is given %s times the image, and at() says %s"
                  .formatted(levels[image], signals[image], level.signal()));
      if (level.noise() > 1e-3 * scale) {
        sum += squares[i] / (level.noise() * level.noise());
        noisy++;
      }
    }
    double found = Math.sqrt(sum / noisy);
    Expect.that(
        found > 0.9 && found < 1.1,
        () -> "the noise that the network is given is %s times what at() says".formatted(found));
  }

  private void lossesRepeat(NDManager manager) {
    TinyNetwork network = TinyNetwork.of(manager, 2);
    TrainingLoss first = loss(manager, scheduler(manager), network, 5, 4);
    TrainingLoss again = loss(manager, scheduler(manager), network, 5, 4);
    TrainingLoss other = loss(manager, scheduler(manager), network, 5, 6);
    Expect.that(
        first.perImage().contentEquals(again.perImage())
            && first.level().contentEquals(again.level()),
        () -> "two losses from the same noise differ");
    Expect.that(
        !first.perImage().contentEquals(other.perImage()),
        () -> "the losses do not come from the pass's noise");
  }

  private void networkLearns(NDManager manager) {
    TinyNetwork network = TinyNetwork.of(manager, 2);
    network.weight().setRequiresGradient(true);
    Scheduler scheduler = scheduler(manager);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray mean = loss(manager, scheduler, network, 5, 4).perImage().mean();
      Expect.differentiable("the loss", mean, collector);
    }
    NDArray gradient = network.weight().getGradient();
    Expect.finite("the network's gradient", gradient, network.weight().getShape());
    Expect.that(gradient.abs().max().getFloat() > 0, () -> "the network's gradient is zero");
  }

  private void documented(NDManager manager) {
    List<SamplerFactory<?>> samplers = scheduler(manager).samplers();
    Expect.that(!samplers.isEmpty(), () -> "there is no sampler");
    Set<String> names = new HashSet<>();
    for (SamplerFactory<?> sampler : samplers) {
      OptionChecks.named(sampler.name());
      Expect.that(names.add(sampler.name()), () -> "two samplers are named " + sampler.name());
      Expect.that(!sampler.summary().isBlank(), () -> sampler.name() + " has no summary");
      Expect.that(sampler.defaultSteps() >= 1, () -> sampler.name() + " takes no steps");
      OptionChecks.allowed(sampler.defaults());
      OptionChecks.binds(sampler.defaults());
    }
  }

  private void samplersRun(NDManager manager) {
    for (SamplerFactory<?> factory : scheduler(manager).samplers()) {
      for (int steps : new int[] {1, 2, 5}) {
        List<Integer> told = new ArrayList<>();
        Sampling.Listener listener =
            (step, state) -> {
              told.add(step);
              Expect.finite(factory.name() + " at step " + step, state, IMAGE.batch(2));
            };
        NDArray out = sample(manager, factory, noise(manager, 2), new Steps(steps, 8, listener));
        Expect.finite(factory.name() + " in " + steps + " steps", out, IMAGE.batch(2));
        List<Integer> expected = new ArrayList<>();
        for (int step = 1; step <= steps; step++) {
          expected.add(step);
        }
        Expect.that(
            told.equals(expected),
            () -> factory.name() + " in " + steps + " steps tells its listener of " + told);
      }
    }
  }

  private void samplersKeepNoise(NDManager manager) {
    for (SamplerFactory<?> factory : scheduler(manager).samplers()) {
      NDArray noise = noise(manager, 2);
      NDArray before = noise.duplicate();
      sample(manager, factory, noise, new Steps(3, 8, Sampling.Listener.NONE));
      Expect.that(
          noise.contentEquals(before), () -> factory.name() + " changes the noise it is given");
    }
  }

  private void samplesAreApart(NDManager manager) {
    for (SamplerFactory<?> factory : scheduler(manager).samplers()) {
      Steps steps = new Steps(5, 8, Sampling.Listener.NONE);
      NDArray together = sample(manager, factory, noise(manager, 3), steps);
      NDArray alone = sample(manager, factory, noise(manager, 1), steps);
      Expect.close(factory.name() + ", the first of three", together.get("0:1"), alone);
    }
  }

  private void samplesRepeat(NDManager manager) {
    for (SamplerFactory<?> factory : scheduler(manager).samplers()) {
      Steps steps = new Steps(4, 8, Sampling.Listener.NONE);
      NDArray first = sample(manager, factory, noise(manager, 2), steps);
      NDArray again = sample(manager, factory, noise(manager, 2), steps);
      Expect.that(first.contentEquals(again), () -> factory.name() + " does not repeat itself");
    }
  }

  private Scheduler scheduler(NDManager manager) {
    return provider.create(options, new SchedulerContext(IMAGE, new SeededNoise(manager, 1)));
  }

  private static TrainingLoss loss(
      NDManager manager, Scheduler scheduler, TinyNetwork network, int n, long seed) {
    Block trainable = scheduler.trainable();
    if (trainable != null && !trainable.isInitialized()) {
      trainable.initialize(manager, DataType.FLOAT32);
    }
    Forward pass =
        Forward.of(new ParameterStore(manager, false), true, new SeededNoise(manager, seed));
    return scheduler.loss(network, new SeededNoise(manager, 9).normal(IMAGE.batch(n)), pass);
  }

  private static NDArray noise(NDManager manager, int n) {
    return new SeededNoise(manager, 31).normal(IMAGE.batch(n));
  }

  private record Steps(int count, long seed, Sampling.Listener listener) {}

  private static <S extends Record> NDArray sample(
      NDManager manager, SamplerFactory<S> factory, NDArray noise, Steps steps) {
    Sampler sampler = factory.create(factory.defaults());
    SeededNoise draws = new SeededNoise(manager, steps.seed());
    return sampler.sample(
        TinyNetwork.of(manager, IMAGE.channels()),
        noise,
        new Sampling(steps.count(), draws, steps.listener()));
  }
}
