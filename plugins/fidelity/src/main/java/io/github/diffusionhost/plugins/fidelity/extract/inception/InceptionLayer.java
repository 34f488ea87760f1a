package io.github.diffusionhost.plugins.fidelity.extract.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.pooling.Pool;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A part of the Inception network. Arrays on the way through it are closed as soon as nothing needs
 * them any more.
 */
sealed interface InceptionLayer {
  /**
   * Computes.
   *
   * @param x [N,C,H,W]; left alone
   * @param kernels of each convolution by name
   * @return [N,C',H',W'], a new array
   */
  NDArray apply(NDArray x, Map<String, Kernel> kernels);

  /** Its convolutions, from the image on. */
  Stream<Convolution> convolutions();

  /** Weight [out,in,H,W] and bias [out] of a convolution. */
  record Kernel(NDArray weight, NDArray bias) {}

  /**
   * A convolution without bias, batch norm and ReLU. Evaluated, a convolution with the norm folded
   * into its weights and ReLU.
   *
   * @param height of the kernel, as {@code width}
   * @param same whether the edges are padded so that the size stays
   */
  record Convolution(String name, int in, int out, int height, int width, int stride, boolean same)
      implements InceptionLayer {
    Shape shape() {
      return new Shape(out, in, height, width);
    }

    @Override
    public NDArray apply(NDArray x, Map<String, Kernel> kernels) {
      Kernel kernel = kernels.get(name);
      Shape padding = same ? new Shape(height / 2, width / 2) : new Shape(0, 0);
      Shape strides = new Shape(stride, stride);
      try (NDArray sum =
          Conv2d.conv2d(x, kernel.weight(), kernel.bias(), strides, padding).singletonOrThrow()) {
        return Activation.relu(sum);
      }
    }

    @Override
    public Stream<Convolution> convolutions() {
      return Stream.of(this);
    }
  }

  /** A pool over 3×3. */
  enum Pooling implements InceptionLayer {
    /** The maximum, with stride 2 and no padding. */
    HALVING,
    /** The mean of the pixels there are: what lies beyond the edge is not counted. */
    MEAN,
    /** The maximum of the pixels there are. */
    MAXIMUM;

    private static final Shape THREE = new Shape(3, 3);
    private static final Shape ONE = new Shape(1, 1);

    @Override
    public NDArray apply(NDArray x, Map<String, Kernel> kernels) {
      return switch (this) {
        case HALVING -> Pool.maxPool2d(x, THREE, new Shape(2, 2), new Shape(0, 0), false);
        case MEAN -> mean(x);
        case MAXIMUM -> Pool.maxPool2d(x, THREE, ONE, ONE, false);
      };
    }

    /** DJL 0.35 counts pixels beyond the edge, as zeros, whatever it is told: taken out again. */
    private static NDArray mean(NDArray x) {
      Shape size = x.getShape().slice(2);
      Shape one = new Shape(1, 1).addAll(size);
      try (NDArray ones = x.getManager().ones(one, x.getDataType());
          NDArray share = Pool.avgPool2d(ones, THREE, ONE, ONE, false, true)) {
        return Pool.avgPool2d(x, THREE, ONE, ONE, false, true).divi(share);
      }
    }

    @Override
    public Stream<Convolution> convolutions() {
      return Stream.empty();
    }
  }

  /** One after the other. */
  record Chain(List<InceptionLayer> layers) implements InceptionLayer {
    static Chain of(InceptionLayer... layers) {
      return new Chain(Arrays.asList(layers));
    }

    @Override
    public NDArray apply(NDArray x, Map<String, Kernel> kernels) {
      NDArray now = x;
      for (InceptionLayer layer : layers) {
        NDArray next = layer.apply(now, kernels);
        if (now != x) {
          now.close();
        }
        now = next;
      }
      return now;
    }

    @Override
    public Stream<Convolution> convolutions() {
      return layers.stream().flatMap(InceptionLayer::convolutions);
    }
  }

  /** Side by side, their channels one after the other. */
  record Branches(List<InceptionLayer> branches) implements InceptionLayer {
    static Branches of(InceptionLayer... branches) {
      return new Branches(Arrays.asList(branches));
    }

    @Override
    public NDArray apply(NDArray x, Map<String, Kernel> kernels) {
      try (NDList parts = new NDList()) {
        branches.forEach(branch -> parts.add(branch.apply(x, kernels)));
        return NDArrays.concat(parts, 1);
      }
    }

    @Override
    public Stream<Convolution> convolutions() {
      return branches.stream().flatMap(InceptionLayer::convolutions);
    }
  }
}
