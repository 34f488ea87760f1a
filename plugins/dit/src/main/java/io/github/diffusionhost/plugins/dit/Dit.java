package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.ModelContext;
import io.github.diffusionhost.api.model.NoiseCondition;
import io.github.diffusionhost.api.model.NormalInitializer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Images in and out of the {@link Transformer}. Without labels every image is of class 0, and "no
 * label" is one more class index.
 */
final class Dit extends Denoiser {
  private final NoiseCondition unit;
  private final Patches patches;
  private final Transformer transformer;
  private final Set<String> constants;

  Dit(DitOptions options, ModelContext context) {
    unit = context.condition();
    patches = new Patches(context.imageShape(), options.patch());
    transformer = child("transformer_model", new Transformer(options, patches, context));
    setInitializer(
        new NormalInitializer(context.noise(), options.initStd()), Parameter.Type.WEIGHT);
    constants =
        Set.of("transformer_model.time_embed.0.base", "transformer_model.class_embed.0.base");
  }

  @Override
  public NDArray predict(
      Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    NDArray classes =
        labels != null
            ? labels
            : x.getManager().zeros(new Shape(x.getShape().get(0)), DataType.INT64);
    NDArray tokens =
        transformer.predict(pass, patches.split(x), unit.toTimestep(noiseCondition), classes);
    return patches.join(tokens);
  }

  /** The base of the sinusoids, 10000, which the reference keeps as buffers. */
  @Override
  public Set<String> referenceConstants() {
    return constants;
  }
}
