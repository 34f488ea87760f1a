package io.github.diffusionhost.engine.batch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.dataset.ImageDataset;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.contract.Returned;
import io.github.diffusionhost.engine.data.ImageWindow;
import io.github.diffusionhost.engine.data.TrainingImages;
import io.github.diffusionhost.engine.options.TrainOptions.NoiseSource;
import io.github.diffusionhost.engine.random.CounterDraws;
import io.github.diffusionhost.engine.random.CounterNoise;
import io.github.diffusionhost.engine.random.DeviceCounterDraws;
import io.github.diffusionhost.engine.random.HostNoise;
import io.github.diffusionhost.engine.random.JvmCounterDraws;
import io.github.diffusionhost.engine.random.StagingBuffer;
import io.github.diffusionhost.engine.random.Streams;
import io.github.diffusionhost.engine.random.Streams.Purpose;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Batches from a dataset, each a function of the seed and the number of its step. Every image has
 * draws of its own, so that a batch does not depend on the micro-batches it is cut into.
 */
public final class DatasetBatches implements BatchSource {
  private final TrainingImages data;
  private final ImageDataset dataset;
  private final NDManager manager;
  private final NDManager host;
  private final long seed;
  private final double labelDropout;
  private final BatchOrder order;
  private final NoiseSource source;
  private final StagingBuffer staging = new StagingBuffer();
  private final Map<Integer, View> views = new HashMap<>();
  private long foreseenAt = PartSequence.NOTHING;
  private int[] foreseen = {};
  private @Nullable CounterDraws draws;

  /** The images of batches of one size, and what is asked for of them. */
  private record View(ImageWindow window, PartSequence sequence) {}

  /**
   * A source.
   *
   * @param data the images and labels
   * @param manager the device; arrays are left to the caller's scope, and the images of a batch to
   *     it
   * @param labelDropout the probability of replacing a label by "no label"
   */
  public DatasetBatches(TrainingImages data, NDManager manager, long seed, double labelDropout) {
    this(data, manager, seed, labelDropout, NoiseSource.HOST);
  }

  /**
   * The same with draws made elsewhere.
   *
   * @param source host or device
   */
  public DatasetBatches(
      TrainingImages data, NDManager manager, long seed, double labelDropout, NoiseSource source) {
    this.source = source;
    this.data = data;
    this.dataset = data.dataset();
    this.manager = manager;
    this.host = manager.getDevice().isGpu() ? manager.newSubManager(Device.cpu()) : manager;
    this.seed = seed;
    this.labelDropout = labelDropout;
    this.order = new BatchOrder(seed, data.size());
  }

  @Override
  public StepInputs inputs(long step, int batchSize, int first, int count) {
    long position = step * batchSize + first;
    int[] indices = indices(position, count);
    View view = view(batchSize);
    try {
      view.window.show(indices, staging.longs(count));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    NDArray places = staging.copyTo(host, new Shape(count), DataType.INT64);
    ahead(view, position, count);
    return new StepInputs(
        places,
        labels(indices, step, first),
        noise(Purpose.AUGMENTATION, step, batchSize, first, count),
        noise(Purpose.LOSS, step, batchSize, first, count));
  }

  @Override
  public ImageShape shape() {
    return data.shape();
  }

  @Override
  public NDArray pixels(int batchSize) {
    return view(batchSize).window.images();
  }

  @Override
  public boolean labelled() {
    return data.labelled();
  }

  @Override
  public NDArray images(NDArray pixels, Noise augmentation) {
    NDArray images = dataset.normalization().normalize(pixels);
    Returned returned = new Returned(dataset, "augment");
    NDArray augmented = returned.of(() -> dataset.augment(images, augmentation));
    return returned.require(augmented, images.getShape(), "");
  }

  private View view(int batchSize) {
    return views.computeIfAbsent(
        batchSize, size -> new View(data.window(size, manager), new PartSequence(size)));
  }

  private void ahead(View view, long position, int count) {
    long next = view.sequence.after(position, count);
    if (next != PartSequence.NOTHING) {
      foreseen = indices(next, view.sequence.count(next, count));
      foreseenAt = next;
      view.window.ahead(foreseen);
    }
  }

  /** Those foreseen are kept: going back over the end of an epoch would shuffle it again. */
  private int[] indices(long position, int count) {
    return position == foreseenAt && count == foreseen.length
        ? foreseen
        : order.indices(position, count);
  }

  private Noise noise(Purpose purpose, long step, int batchSize, int first, int count) {
    if (source == NoiseSource.DEVICE) {
      long start = step * batchSize + first;
      long[] places = LongStream.range(start, start + count).toArray();
      return new CounterNoise(draws(), purpose, places, step);
    }
    return HostNoise.perImage(
        manager,
        staging,
        Streams.seed(seed, purpose, step),
        count,
        i -> Streams.seed(seed, purpose, step, first + i));
  }

  /** On the CPU the JVM is quicker at it than array code, and draws the same. */
  private CounterDraws draws() {
    if (draws == null) {
      long key = Streams.seed(seed, Purpose.LOSS);
      draws =
          manager.getDevice().isGpu()
              ? new DeviceCounterDraws(manager, key)
              : new JvmCounterDraws(manager, staging, key);
    }
    return draws;
  }

  private @Nullable NDArray labels(int[] indices, long step, int first) {
    if (!data.labelled()) {
      return null;
    }
    int none = dataset.classNames().size();
    LongBuffer labels = staging.longs(indices.length);
    for (int i = 0; i < indices.length; i++) {
      long key = Streams.seed(seed, Purpose.LABEL_DROPOUT, step, first + i);
      boolean drop = labelDropout > 0 && new SplittableRandom(key).nextDouble() < labelDropout;
      labels.put(i, drop ? none : data.label(indices[i]));
    }
    return staging.copyTo(host, new Shape(indices.length), DataType.INT64);
  }
}
