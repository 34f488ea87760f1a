package io.github.diffusionhost.plugins.linearprobe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.api.noise.Noise;

/**
 * A linear layer and softmax, trained by Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1) on
 * the mean cross-entropy, whose gradient is {@code (softmax − one-hot)/N} in the logits.
 */
final class LinearClassifier {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPS = 1e-8;

  private final int classes;
  private final Adam weight;
  private final Adam bias;
  private int steps;

  /**
   * A classifier whose weights and biases start as U(−1/√F, 1/√F), as a linear layer of PyTorch.
   *
   * @param manager the scope of its arrays
   * @param features F
   * @param noise the draws of the initial values: of the weight [classes, F], then of the bias
   */
  LinearClassifier(NDManager manager, long features, int classes, Noise noise) {
    this.classes = classes;
    double bound = 1 / Math.sqrt(features);
    weight = new Adam(manager, noise.uniform(new Shape(classes, features)), bound);
    bias = new Adam(manager, noise.uniform(new Shape(classes)), bound);
  }

  /**
   * Takes one step.
   *
   * @param features [N,F] float32
   * @param labels [N] int64
   */
  void train(NDArray features, NDArray labels, double learningRate) {
    steps++;
    ArrayScope.run(
        () -> {
          NDArray error =
              logits(features)
                  .softmax(1)
                  .sub(labels.oneHot(classes, DataType.FLOAT32))
                  .div(labels.size());
          weight.step(error.transpose().matMul(features), learningRate, steps);
          bias.step(error.sum(new int[] {0}), learningRate, steps);
        });
  }

  /** How many labels are the likeliest class. */
  long correct(NDArray features, NDArray labels) {
    return ArrayScope.value(
        () -> {
          return logits(features).argMax(1).eq(labels).countNonzero().getLong();
        });
  }

  /** [N, classes]. */
  NDArray logits(NDArray features) {
    return features.matMul(weight.value.transpose()).add(bias.value);
  }

  /** The weight [classes, F]. */
  NDArray weight() {
    return weight.value;
  }

  /** The bias [classes]. */
  NDArray bias() {
    return bias.value;
  }

  /** An array and Adam's running means of its gradient and of the gradient's square. */
  private static final class Adam {
    private final NDArray value;
    private final NDArray mean;
    private final NDArray square;

    Adam(NDManager manager, NDArray uniform, double bound) {
      value = uniform.mul(2 * bound).sub(bound);
      mean = value.zerosLike();
      square = value.zerosLike();
      for (NDArray array : new NDArray[] {value, mean, square}) {
        NDScope.unregister(array);
        array.attach(manager);
      }
    }

    void step(NDArray gradient, double learningRate, int step) {
      mean.muli(BETA1).addi(gradient.mul(1 - BETA1));
      square.muli(BETA2).addi(gradient.square().mul(1 - BETA2));
      NDArray root = square.div(1 - Math.pow(BETA2, step)).sqrt().add(EPS);
      value.subi(mean.mul(learningRate / (1 - Math.pow(BETA1, step))).div(root));
    }
  }
}
