package io.github.diffusionhost.plugins.edm2.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.NormalInitializer;
import io.github.diffusionhost.api.model.UniformInitializer;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.plugins.edm2.FourierFeatures;
import io.github.diffusionhost.plugins.edm2.WeightNorm;
import java.util.Map;

/**
 * u(σ), the logarithm of the loss that is expected at a noise level: Karras et al. 2023, arXiv
 * 2312.02696, equations 14 to 16 and 21. From noise conditions ln(σ)/4 [N] to u [N].
 *
 * <p>Its tensors have the names of xfetus/edm2-multi-gpu: {@code fourier.frequencies}, {@code
 * fourier.phases}, {@code linear.weight}.
 */
final class UncertaintyHead extends CompositeBlock {
  private static final int FEATURES = 256;

  private final Uncertainty form;
  private final FourierFeatures fourier;
  private final Linear linear;

  UncertaintyHead(Uncertainty form, Noise noise) {
    this.form = form;
    double scale = form == Uncertainty.MAGNITUDE_PRESERVING ? Math.sqrt(2) : 1;
    this.fourier = child("fourier", new FourierFeatures(FEATURES, scale, noise), new Shape(1));
    this.linear = child("linear", new Linear(form, noise), new Shape(1, FEATURES));
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    NDArray features = pass.apply(fourier, inputs.singletonOrThrow());
    return new NDList(pass.apply(linear, features));
  }

  Map<Parameter, NDArray> renormalized(Forward pass) {
    return form.normalized() ? linear.renormalized(pass) : Map.of();
  }

  /**
   * One output, [N,256] to [N]; a sum and not a matrix product, so that it is always in float32.
   */
  private static final class Linear extends CompositeBlock {
    private final boolean normalized;
    private final Parameter weight;

    Linear(Uncertainty form, Noise noise) {
      Initializer initial =
          form.normalized()
              ? new NormalInitializer(noise, 1)
              : new UniformInitializer(noise, 1 / Math.sqrt(FEATURES));
      this.normalized = form.normalized();
      this.weight = parameter("weight", Parameter.Type.WEIGHT, initial, new Shape(1, FEATURES));
    }

    @Override
    protected NDList forward(Forward pass, NDList inputs) {
      NDArray features = inputs.singletonOrThrow();
      NDArray stored = pass.value(weight, features);
      NDArray used = normalized ? WeightNorm.unitRows(stored) : stored;
      return new NDList(features.mul(used).sum(new int[] {1}));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return new Shape[] {shapes[0].slice(0, 1)};
    }

    Map<Parameter, NDArray> renormalized(Forward pass) {
      NDArray present = pass.value(weight, weight.getArray());
      return Map.of(weight, WeightNorm.normalize(present));
    }
  }
}
