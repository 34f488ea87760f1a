package io.github.diffusionhost.engine.options;

import ai.djl.Device;
import io.github.diffusionhost.api.options.Cadence;
import io.github.diffusionhost.api.options.Option;
import io.github.diffusionhost.engine.optimize.OptimizerOptions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a network is trained: the {@code train} section of a config. */
public record TrainOptions(
    @Option(value = "length: passes over the dataset", min = 0) @Nullable Double epochs,
    @Option(value = "length: images seen", min = 0) @Nullable Long images,
    @Option(value = "length: optimizer steps", min = 0) @Nullable Long steps,
    @Option(value = "images per optimizer step", min = 1, max = 1 << 20) int batchSize,
    @Option(
            value =
                "images per forward pass; divides batchSize. auto: as many as fit a GPU's memory; on the CPU parts of the batch that take up to 768 MiB; all of it where steps are not compiled",
            min = 1,
            max = 1 << 20,
            absent = "auto")
        @Nullable Integer microBatchSize,
    @Option(
            "arithmetic of products, convolutions and attention: fp32, or bf16 with float32 weights, norms, losses and updates")
        Precision precision,
    @Option(
            "products and convolutions of float32 on GPUs: highest (all 24 bits), or tf32 (factors rounded to 11 bits, which NVIDIA's since Ampere are quicker at); without effect on the CPU")
        Matmul matmul,
    @Option("run each step as one compiled program; false: operation by operation") boolean compile,
    @Option("optimizer") OptimizerOptions optimizer,
    @Option("learning rate over time") LrScheduleOptions lrSchedule,
    @Option(value = "largest norm of all gradients together; 0: no clipping", min = 0)
        double clipNorm,
    @Option(
            value =
                "probability of training an image without its label, for classifier-free guidance",
            min = 0,
            max = 1)
        double labelDropout,
    @Option(
            "where noise, noise levels, dropout and augmentation of training are drawn: host (the JVM: the same on every device), device (Philox, counter-based; nothing large is copied to the device), or auto: host on the CPU, device on a GPU. A run keeps what it began with")
        NoiseSource noise,
    @Option("running averages of the weights; the first one is sampled from") List<EmaOptions> ema,
    @Option(value = "steps between log lines", min = 1) int logEvery,
    @Option("steps, images or epochs between sample grids: 500, 1 epoch; 0: only at the end")
        Cadence sampleEvery,
    @Option("steps, images or epochs between checkpoints: 500, 1 epoch; 0: only at the end")
        Cadence checkpointEvery,
    @Option(
            value = "newest checkpoints that stay when another one is written; 0: all stay",
            min = 0)
        int keepLast,
    @Option(
            value =
                "best checkpoints that stay beside the newest ones, by the metric that says `best`",
            min = 1)
        int keepBest,
    @Option(
            value =
                "steps between snapshots of the power-function averages, from which `host ema` makes"
                    + " any other width; one more at the end; 0: none",
            min = 0)
        int emaSnapshotEvery) {

  /** How the network's operations are run. */
  public Execution execution() {
    return new Execution(precision, compile);
  }

  /**
   * Where draws are made on a device, auto decided.
   *
   * @return host or device
   */
  public NoiseSource noiseOn(Device device) {
    if (noise != NoiseSource.AUTO) {
      return noise;
    }
    return device.isGpu() ? NoiseSource.DEVICE : NoiseSource.HOST;
  }

  /** The same with draws made elsewhere. */
  public TrainOptions withNoise(NoiseSource other) {
    return new TrainOptions(
        epochs,
        images,
        steps,
        batchSize,
        microBatchSize,
        precision,
        matmul,
        compile,
        optimizer,
        lrSchedule,
        clipNorm,
        labelDropout,
        other,
        ema,
        logEvery,
        sampleEvery,
        checkpointEvery,
        keepLast,
        keepBest,
        emaSnapshotEvery);
  }

  /** Where draws of training are made. */
  public enum NoiseSource {
    AUTO,
    HOST,
    DEVICE
  }

  /** Arithmetic. */
  public enum Precision {
    FP32,
    BF16
  }

  /** Arithmetic of products and convolutions of float32 on a GPU. */
  public enum Matmul {
    HIGHEST,
    TF32
  }

  /** Settings of recipe R3 in float32, a training of 300 epochs. */
  public static final TrainOptions DEFAULTS =
      new TrainOptions(
          300.0,
          null,
          null,
          256,
          null,
          Precision.FP32,
          Matmul.HIGHEST,
          true,
          OptimizerOptions.DEFAULTS,
          LrScheduleOptions.DEFAULTS,
          2.0,
          0.0,
          NoiseSource.AUTO,
          List.of(EmaOptions.DEFAULTS),
          50,
          Cadence.steps(1000),
          Cadence.steps(5000),
          0,
          1,
          0);

  /** Checks what the ranges of single options cannot. */
  public TrainOptions {
    ema = List.copyOf(ema);
    checkSnapshots(ema, emaSnapshotEvery);
    int lengths = (epochs == null ? 0 : 1) + (images == null ? 0 : 1) + (steps == null ? 0 : 1);
    if (lengths != 1) {
      throw new IllegalArgumentException(
          "exactly one of epochs, images and steps gives the length; " + lengths + " are given");
    }
    if (microBatchSize != null && batchSize % microBatchSize != 0) {
      throw new IllegalArgumentException(
          "microBatchSize " + microBatchSize + " does not divide batchSize " + batchSize);
    }
  }

  private static void checkSnapshots(List<EmaOptions> ema, int every) {
    List<Double> widths =
        ema.stream()
            .filter(average -> average.use() == EmaOptions.Kind.POWER)
            .map(EmaOptions::width)
            .toList();
    if (every > 0 && widths.isEmpty()) {
      throw new IllegalArgumentException(
          "emaSnapshotEvery "
              + every
              + ": ema has no power-function average to keep; add {use: power, width: 0.05} and"
              + " {use: power, width: 0.1}, or set it to 0");
    }
    if (every > 0 && Set.copyOf(widths).size() < widths.size()) {
      throw new IllegalArgumentException(
          "emaSnapshotEvery "
              + every
              + ": two power-function averages of ema have the same width; their widths are "
              + widths);
    }
  }

  /** Images per forward pass. */
  public int microBatch() {
    return microBatchSize == null ? batchSize : microBatchSize;
  }

  /**
   * The length in optimizer steps, rounded up.
   *
   * @param datasetSize images of one epoch
   */
  public long totalSteps(long datasetSize) {
    if (steps != null) {
      return steps;
    }
    double wanted =
        images != null
            ? images.doubleValue()
            : Objects.requireNonNull(epochs, "one of the three") * (double) datasetSize;
    return (long) Math.ceil(wanted / batchSize);
  }
}
