package io.github.diffusionhost.plugins.fidelity.extract.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.pooling.Pool;
import io.github.diffusionhost.api.dataset.ImageShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A small convolutional network for images of one size: convolutions 3×3 with 16, 32, 64, 64, …
 * channels, each followed by ReLU and a maximum over 2×2, until an edge is at most 4 pixels; a
 * linear layer to 128 features, ReLU, and one to the classes.
 *
 * @param image the size of the images
 * @param classes how many classes there are
 */
record ClassifierNetwork(ImageShape image, int classes) {
  /** How many features it returns. */
  static final int FEATURES = 128;

  private static final int SMALLEST_EDGE = 4;
  private static final int FIRST_CHANNELS = 16;
  private static final int MOST_CHANNELS = 64;
  private static final Shape ONE = new Shape(1, 1);
  private static final Shape TWO = new Shape(2, 2);

  /** The names of its weights. */
  Set<String> names() {
    return shapes().keySet();
  }

  /** The weights' shapes by name, from the image on. */
  Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    long channels = image.channels();
    int height = image.height();
    int width = image.width();
    int stage = 0;
    for (; stage < stages(); stage++) {
      long out = Math.min(MOST_CHANNELS, FIRST_CHANNELS << Math.min(stage, 8));
      shapes.put("conv_" + stage + ".weight", new Shape(out, channels, 3, 3));
      shapes.put("conv_" + stage + ".bias", new Shape(out));
      channels = out;
      height /= 2;
      width /= 2;
    }
    shapes.put("features.weight", new Shape(FEATURES, channels * height * width));
    shapes.put("features.bias", new Shape(FEATURES));
    shapes.put("classes.weight", new Shape(classes, FEATURES));
    shapes.put("classes.bias", new Shape(classes));
    return shapes;
  }

  private int stages() {
    int stages = 0;
    for (int edge = Math.min(image.height(), image.width()); edge > SMALLEST_EDGE; edge /= 2) {
      stages++;
    }
    return stages;
  }

  /**
   * Initial weights, normal with variance 2/fan-in (He et al. 2015, arXiv 1502.01852), biases zero.
   */
  Map<String, NDArray> initial(Random random, NDManager manager) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[Math.toIntExact(shape.size())];
              if (shape.dimension() > 1) {
                double scale = Math.sqrt(2.0 * shape.get(0) / shape.size());
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) (scale * random.nextGaussian());
                }
              }
              weights.put(name, manager.create(values, shape));
            });
    return weights;
  }

  /**
   * The features of images.
   *
   * @param images [N,C,H,W] uint8
   * @return [N,128]
   */
  NDArray features(NDArray images, Map<String, NDArray> weights) {
    NDArray x = images.toType(DataType.FLOAT32, false).div(127.5f).sub(1f);
    for (int stage = 0; stage < stages(); stage++) {
      NDArray weight = weights.get("conv_" + stage + ".weight");
      NDArray bias = weights.get("conv_" + stage + ".bias");
      x = Activation.relu(Conv2d.conv2d(x, weight, bias, ONE, ONE).get(0));
      x = Pool.maxPool2d(x, TWO, TWO, new Shape(0, 0), false);
    }
    return Activation.relu(linear(x.reshape(x.getShape().get(0), -1), "features", weights));
  }

  /**
   * The logits of the classes.
   *
   * @param features [N,128]
   * @return [N,K]
   */
  NDArray logits(NDArray features, Map<String, NDArray> weights) {
    return linear(features, "classes", weights);
  }

  private static NDArray linear(NDArray x, String name, Map<String, NDArray> weights) {
    NDArray weight = weights.get(name + ".weight");
    return x.matMul(weight.transpose()).add(weights.get(name + ".bias"));
  }
}
