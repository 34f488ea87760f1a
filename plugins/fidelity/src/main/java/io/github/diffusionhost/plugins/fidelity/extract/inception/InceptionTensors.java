package io.github.diffusionhost.plugins.fidelity.extract.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.text.Printable;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Chain;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Convolution;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tensors of the Inception network, under the names of pytorch-fid and torch-fidelity. */
final class InceptionTensors {
  /** The weights of the last layer: [1008,2048]. */
  static final String CLASSES = "fc.weight";

  /** Of the batch norms, in TensorFlow as in the file. */
  private static final double EPSILON = 1e-3;

  /** Counts the batches of a training; says nothing of the network. */
  private static final String COUNTER = ".bn.num_batches_tracked";

  private static final int SHOWN = 3;

  private InceptionTensors() {}

  /** The shapes that a file has. */
  static Map<String, Shape> shapes(Chain layers) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    layers
        .convolutions()
        .forEach(
            layer -> {
              shapes.put(layer.name() + ".conv.weight", layer.shape());
              for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
                shapes.put(layer.name() + ".bn." + part, new Shape(layer.out()));
              }
            });
    shapes.put(CLASSES, new Shape(InceptionLayers.CLASSES, InceptionLayers.FEATURES));
    shapes.put("fc.bias", new Shape(InceptionLayers.CLASSES));
    return shapes;
  }

  /**
   * Checks names, shapes and types.
   *
   * @throws IOException if the tensors are others; names the first few
   */
  static void check(Path file, Map<String, NDArray> tensors, Chain layers) throws IOException {
    Map<String, Shape> shapes = shapes(layers);
    List<String> missing = new ArrayList<>(shapes.keySet());
    missing.removeAll(tensors.keySet());
    List<String> unknown = new ArrayList<>();
    List<String> different = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          Shape shape = shapes.get(name);
          if (shape == null) {
            if (!name.endsWith(COUNTER)) {
              unknown.add(Printable.name(name));
            }
          } else if (!shape.equals(tensor.getShape()) || !tensor.getDataType().isFloating()) {
            different.add(
                "%s is %s %s and not %s"
                    .formatted(name, tensor.getDataType(), tensor.getShape(), shape));
          }
        });
    List<String> faults = new ArrayList<>();
    add(faults, "it lacks ", missing);
    add(faults, "it has the unknown ", unknown);
    add(faults, "", different);
    if (!faults.isEmpty()) {
      throw new IOException(
          "%s does not hold the Inception network of 2015 under the names of torch-fidelity: %s."
                  .formatted(file, String.join("; ", faults))
              + " Convert weights-inception-2015-12-05-6726825d.pth as docs/reference/FIDELITY.md says");
    }
  }

  private static void add(List<String> faults, String what, List<String> names) {
    if (!names.isEmpty()) {
      String some = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
      int more = names.size() - SHOWN;
      faults.add(what + some + (more > 0 ? String.format(Locale.ROOT, " and %d more", more) : ""));
    }
  }

  /**
   * A convolution with its batch norm folded in: weights {@code w·γ/√(σ²+ε)}, bias {@code β −
   * μ·γ/√(σ²+ε)}, in float64 and rounded once.
   */
  static Kernel folded(Convolution layer, Map<String, NDArray> tensors) {
    NDArray scale =
        norm("weight", layer, tensors).div(norm("running_var", layer, tensors).add(EPSILON).sqrt());
    NDArray shift =
        norm("bias", layer, tensors).sub(norm("running_mean", layer, tensors).mul(scale));
    NDArray weight = float64(tensors.get(layer.name() + ".conv.weight"));
    return new Kernel(
        weight.mul(scale.reshape(-1, 1, 1, 1)).toType(DataType.FLOAT32, false),
        shift.toType(DataType.FLOAT32, false));
  }

  private static NDArray norm(String part, Convolution layer, Map<String, NDArray> tensors) {
    return float64(tensors.get(layer.name() + ".bn." + part));
  }

  private static NDArray float64(NDArray x) {
    return x.toType(DataType.FLOAT64, false);
  }
}
