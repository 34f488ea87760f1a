package io.github.diffusionhost.plugins.fidelity.extract.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.api.metric.MetricContext;
import io.github.diffusionhost.plugins.fidelity.extract.feature.BilinearResize;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Chain;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The network from the weights in a safetensors file, operation by operation. */
final class InceptionArrays implements InceptionNetwork {
  private final Chain layers = InceptionLayers.all();
  private final Map<String, Kernel> kernels = new HashMap<>();
  private final NDManager manager;
  private final NDArray classes;

  /**
   * Reads the weights.
   *
   * @throws IOException if the file cannot be read or holds other tensors
   */
  InceptionArrays(Path file, MetricContext context) throws IOException {
    this.manager = context.manager().newSubManager();
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Map<String, NDArray> tensors = context.tensors(file);
      InceptionTensors.check(file, tensors, layers);
      layers
          .convolutions()
          .forEach(
              layer -> {
                Kernel kernel = InceptionTensors.folded(layer, tensors);
                kernels.put(layer.name(), new Kernel(keep(kernel.weight()), keep(kernel.bias())));
              });
      NDArray weights = tensors.get(InceptionTensors.CLASSES);
      this.classes = keep(weights.toType(DataType.FLOAT32, true).transpose());
    } catch (IOException | RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private NDArray keep(NDArray array) {
    array.attach(manager);
    NDScope.unregister(array);
    return array;
  }

  @Override
  public NDArray features(NDArray pixels) {
    NDArray resized = BilinearResize.of(pixels, InceptionLayers.EDGE, InceptionLayers.EDGE);
    NDArray seen = resized.sub(128).div(128);
    try (NDArray last = layers.apply(seen, kernels)) {
      return last.reshape(last.getShape().get(0), InceptionLayers.FEATURES, -1).mean(new int[] {2});
    }
  }

  @Override
  public NDArray probabilities(NDArray pixels) {
    return features(pixels).matMul(classes).softmax(1);
  }

  @Override
  public void close() {
    manager.close();
  }
}
