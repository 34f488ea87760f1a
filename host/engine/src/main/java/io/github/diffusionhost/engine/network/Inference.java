package io.github.diffusionhost.engine.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.contract.Returned;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a network computes without being trained: its prediction, or features on the way to it. */
@FunctionalInterface
public interface Inference {
  /** Computes; arguments as in {@link io.github.diffusionhost.api.model.Denoiser#predict}. */
  NDList run(Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels);

  /** The prediction. */
  static Inference prediction(Network network) {
    return (pass, x, condition, labels) -> new NDList(network.predict(pass, x, condition, labels));
  }

  /**
   * Features.
   *
   * @param names in the order in which they are returned
   */
  static Inference features(Network network, List<String> names) {
    return (pass, x, condition, labels) -> {
      Returned returned = new Returned(network.denoiser(), "features");
      Map<String, NDArray> features =
          returned.of(() -> network.denoiser().features(pass, x, condition, labels, names));
      NDList inOrder = new NDList();
      for (String name : names) {
        NDArray feature = features.get(name);
        if (feature == null || feature.getShape().dimension() != 2) {
          String found = feature == null ? "nothing" : "an array of shape " + feature.getShape();
          throw returned.wrong("it returned " + found + " as " + name + ", which must be [N,F]");
        }
        Shape shape = new Shape(x.getShape().get(0), feature.getShape().get(1));
        inOrder.add(returned.require(feature, shape, name));
      }
      return inOrder;
    };
  }
}
