package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.scheduler.DenoisingNetwork;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.engine.contract.Returned;
import io.github.diffusionhost.engine.data.ImageSpec;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.Execution;
import io.github.diffusionhost.engine.random.HostNoise;
import io.github.diffusionhost.engine.random.StagingBuffer;
import io.github.diffusionhost.engine.random.Streams;
import io.github.diffusionhost.engine.random.Streams.Purpose;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import java.nio.LongBuffer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples images from a network. Image i follows from the seed and i alone: it is the same, up to
 * rounding, whatever the batch size.
 */
public final class ImageGenerator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageGenerator.class);

  private final Network network;
  private final ImageSpec spec;
  private final NDManager manager;
  private final @Nullable Guide guide;
  private @Nullable Predictor predictor;
  private @Nullable Predictor guidePredictor;
  private final Execution execution;
  private final StagingBuffer staging = new StagingBuffer();
  private boolean warned;

  /** A generator without a guide. */
  public ImageGenerator(Network network, ImageSpec images, NDManager manager, Execution execution) {
    this(network, null, images, manager, execution);
  }

  /**
   * A generator.
   *
   * @param guide what guidance leads away from; null: the network without labels, which is
   *     classifier-free guidance
   * @param images what the network was made for
   * @param manager the device; arrays are left to the caller's scope
   * @param execution how the network's predictions run
   */
  public ImageGenerator(
      Network network,
      @Nullable Guide guide,
      ImageSpec images,
      NDManager manager,
      Execution execution) {
    this.network = network;
    this.guide = guide;
    this.spec = images;
    this.manager = manager;
    this.execution = execution;
  }

  /**
   * Samples images {@code first} to {@code first + count - 1}.
   *
   * @param weights which weights of the network
   * @param start unit normal [count,C,H,W]; null: drawn from the plan's seed
   * @param listener told after every step of the sampler
   * @return images as the network sees pixels, [count,C,H,W] float32
   */
  public NDArray generate(
      SamplePlan plan,
      Weights weights,
      int first,
      int count,
      @Nullable NDArray start,
      Sampling.Listener listener) {
    return generate(plan, weights, first, count, start, null, listener);
  }

  /**
   * As {@link #generate(SamplePlan, Weights, int, int, NDArray, Sampling.Listener)}.
   *
   * @param steps what the sampler draws in its steps; null: from the plan's seed
   */
  public NDArray generate(
      SamplePlan plan,
      Weights weights,
      int first,
      int count,
      @Nullable NDArray start,
      @Nullable Noise steps,
      Sampling.Listener listener) {
    NDArray images;
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      Noise noise = noise(plan, Purpose.SAMPLER, first, count);
      NDArray x = start == null ? startingNoise(plan, first, count) : start;
      predictor().use(weights, noise);
      NDArray labels = spec.classes() == 0 ? null : labels(count, i -> plan.label(first + i));
      DenoisingNetwork bound = bound(plan, labels, noise, count);
      Sampling sampling = new Sampling(plan.steps(), steps == null ? noise : steps, listener);
      Returned returned = new Returned(plan.sampler(), "sample");
      images = returned.of(() -> plan.sampler().sample(bound, x, sampling));
      returned.require(images, x.getShape(), "");
      NDScope.unregister(images);
    }
    NDScope.register(images);
    warnOfBroken(images, first);
    return images;
  }

  /** An image that is no image would be written, and measured, as a black one without a word. */
  private void warnOfBroken(NDArray images, int first) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      float[] sums = images.reshape(images.getShape().get(0), -1).sum(new int[] {1}).toFloatArray();
      int[] broken =
          IntStream.range(0, sums.length).filter(i -> !Float.isFinite(sums[i])).toArray();
      if (broken.length > 0 && !warned) {
        warned = true;
        LOG.warn(
            "{} of {} sampled images hold values that are not numbers, or infinite, the first of them image {}; "
                + "nothing can be said of them. More steps, less guidance or another sampler may help",
            broken.length,
            sums.length,
            first + broken[0]);
      }
    }
  }

  /** The unit normal noise that images start from, [count,C,H,W]. */
  public NDArray startingNoise(SamplePlan plan, int first, int count) {
    return noise(plan, Purpose.SAMPLE_START, first, count).normal(spec.shape().batch(count));
  }

  /**
   * How many images fit into memory at once.
   *
   * @param plan what is sampled
   * @param bytes the memory that the network's tensors may take
   * @param most the largest answer
   */
  public int batch(SamplePlan plan, long bytes, int most) {
    long each = predictor().bytesPerImage();
    if (guide != null && plan.guidance() != 1) {
      each = Math.max(each, guidePredictor(guide).bytesPerImage()); // one after the other
    } else if (classifierFree(plan)) {
      each *= 2;
    }
    return (int) Math.max(1, Math.min(most, bytes / Math.max(1, each)));
  }

  @Override
  public void close() {
    if (predictor != null) {
      predictor.close();
    }
    if (guidePredictor != null) {
      guidePredictor.close();
    }
  }

  private DenoisingNetwork bound(
      SamplePlan plan, @Nullable NDArray labels, Noise noise, int count) {
    if (guide != null && plan.guidance() != 1) {
      Predictor weaker = guidePredictor(guide);
      weaker.use(guide.weights(), noise);
      return new AutoguidedNetwork(predictor(), weaker, labels, plan.guidance());
    }
    NDArray noLabels = classifierFree(plan) ? labels(count, i -> spec.classes()) : null;
    return new GuidedNetwork(predictor(), labels, noLabels, plan.guidance());
  }

  private boolean classifierFree(SamplePlan plan) {
    return guide == null && plan.guidance() != 1 && spec.classes() > 0;
  }

  /** Made when it is first needed. */
  private Predictor predictor() {
    if (predictor == null) {
      predictor = predictor(network);
    }
    return predictor;
  }

  private Predictor guidePredictor(Guide guide) {
    if (guidePredictor == null) {
      guidePredictor = predictor(guide.network());
    }
    return guidePredictor;
  }

  private Predictor predictor(Network of) {
    return Predictors.of(of, Inference.prediction(of), spec.shape(), spec.classes() > 0, execution);
  }

  private Noise noise(SamplePlan plan, Purpose purpose, int first, int count) {
    return HostNoise.perImage(
        manager,
        staging,
        Streams.seed(plan.seed(), purpose),
        count,
        i -> Streams.seed(plan.seed(), purpose, first + i));
  }

  private NDArray labels(int count, IntUnaryOperator label) {
    LongBuffer target = staging.longs(count);
    for (int i = 0; i < count; i++) {
      target.put(i, label.applyAsInt(i));
    }
    return staging.copyTo(manager, new Shape(count), DataType.INT64);
  }
}
