package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;

/**
 * Batch norm as in PyTorch: in training over the images of a batch, in sampling with the running
 * mean and variance of training.
 *
 * <p>Ioffe and Szegedy 2015, arXiv 1502.03167.
 */
final class BatchNorm extends CompositeBlock {
  /** How much of a batch goes into the running statistics. */
  private static final double MOMENTUM = 0.1;

  private final int channels;
  private final double eps;
  private final Parameter weight;
  private final Parameter bias;
  private final Parameter runningMean;
  private final Parameter runningVariance;

  BatchNorm(int channels, UnetOptions options) {
    this.channels = channels;
    eps = options.normEps();
    Shape shape = new Shape(channels);
    weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, shape);
    bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, shape);
    runningMean = parameter("running_mean", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, shape);
    runningVariance = parameter("running_var", Parameter.Type.RUNNING_VAR, Initializer.ONES, shape);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray x = inputs.singletonOrThrow();
    NDArray mean = pass.value(runningMean, x);
    NDArray variance = pass.value(runningVariance, x);
    if (pass.training()) {
      NDArray values = x.transpose(1, 0, 2, 3).reshape(channels, -1);
      NDArray batchMean = values.mean(new int[] {1});
      NDArray centred = values.sub(batchMean.reshape(channels, 1));
      NDArray batchVariance = centred.mul(centred).mean(new int[] {1});
      pass.update(runningMean, moved(mean, batchMean));
      pass.update(runningVariance, moved(variance, unbiased(batchVariance, x)));
      mean = batchMean;
      variance = batchVariance;
    }
    NDArray scale = variance.add(eps).pow(-0.5).mul(pass.value(weight, x));
    NDArray shift = pass.value(bias, x).sub(mean.mul(scale));
    return new NDList(x.mul(perChannel(scale)).add(perChannel(shift)));
  }

  private static NDArray moved(NDArray running, NDArray batch) {
    return running.mul(1 - MOMENTUM).add(batch.mul(MOMENTUM));
  }

  /** With divisor n − 1, n counted as an array so that it may differ from batch to batch. */
  private static NDArray unbiased(NDArray variance, NDArray x) {
    Shape shape = x.getShape();
    NDArray n =
        x.getManager()
            .ones(new Shape(shape.get(0)), x.getDataType())
            .sum()
            .mul((double) (shape.get(2) * shape.get(3)));
    return variance.mul(n).div(n.sub(1));
  }

  private NDArray perChannel(NDArray values) {
    return values.reshape(1, channels, 1, 1);
  }
}
