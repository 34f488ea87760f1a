package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.api.scheduler.Sampling;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.random.HostNoise;
import io.github.diffusionhost.engine.random.StagingBuffer;
import io.github.diffusionhost.engine.random.Streams;
import io.github.diffusionhost.engine.random.Streams.Purpose;
import io.github.diffusionhost.engine.train.Network;
import io.github.diffusionhost.engine.train.Weights;
import java.nio.LongBuffer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Samples images from a network. Image i follows from the seed and i alone: it is the same, up to
 * rounding, whatever the batch size.
 */
public final class ImageGenerator implements AutoCloseable {
  private final Network network;
  private final ImageShape shape;
  private final int classes;
  private final NDManager manager;
  private @Nullable Predictor predictor;
  private final Precision precision;
  private final boolean compile;
  private final StagingBuffer staging = new StagingBuffer();

  /**
   * A generator.
   *
   * @param classes the number of labels; 0 if the network takes none
   * @param manager the device; arrays are left to the caller's scope
   * @param precision the arithmetic of compiled predictions; otherwise it is float32
   * @param compile whether to compile the network's predictions
   */
  public ImageGenerator(
      Network network,
      ImageShape shape,
      int classes,
      NDManager manager,
      Precision precision,
      boolean compile) {
    this.network = network;
    this.shape = shape;
    this.classes = classes;
    this.manager = manager;
    this.precision = precision;
    this.compile = compile;
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
    NDArray images;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Noise noise = noise(plan, Purpose.SAMPLER, first, count);
      NDArray x = start == null ? startingNoise(plan, first, count) : start;
      Predictor predictor = predictor();
      predictor.use(weights, noise);
      boolean guided = plan.guidance() != 1 && classes > 0;
      GuidedNetwork bound =
          new GuidedNetwork(
              predictor,
              classes == 0 ? null : labels(count, i -> plan.label(first + i)),
              guided ? labels(count, i -> classes) : null,
              plan.guidance());
      images = plan.sampler().sample(bound, x, new Sampling(plan.steps(), noise, listener));
      NDScope.unregister(images);
    }
    NDScope.register(images);
    return images;
  }

  /** The unit normal noise that images start from, [count,C,H,W]. */
  public NDArray startingNoise(SamplePlan plan, int first, int count) {
    return noise(plan, Purpose.SAMPLE_START, first, count).normal(shape.batch(count));
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
    long calls = plan.guidance() != 1 && classes > 0 ? 2 : 1;
    return (int) Math.max(1, Math.min(most, bytes / Math.max(1, each * calls)));
  }

  @Override
  public void close() {
    if (predictor != null) {
      predictor.close();
    }
  }

  /** Made when it is first needed. */
  private Predictor predictor() {
    if (predictor == null) {
      predictor = Predictors.of(network, shape, classes > 0, precision, compile);
    }
    return predictor;
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
