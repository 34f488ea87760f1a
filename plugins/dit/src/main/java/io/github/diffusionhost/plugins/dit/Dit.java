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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Images in and out of the {@link Transformer}. Without labels every image is of class 0, and "no
 * label" is one more class index.
 *
 * <p>Features {@code block_1 … block_k} are the means over image tokens of what the blocks make.
 */
final class Dit extends Denoiser {
  private final NoiseCondition unit;
  private final boolean conditional;
  private final Patches patches;
  private final Transformer transformer;
  private final Set<String> constants;

  Dit(DitOptions options, ModelContext context) {
    unit = context.condition();
    conditional = options.classConditional();
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
    NDArray tokens =
        transformer.predict(
            pass, patches.split(x), unit.toTimestep(noiseCondition), classes(x, labels));
    return patches.join(tokens);
  }

  @Override
  public List<String> featureNames() {
    return IntStream.rangeClosed(1, transformer.depth()).mapToObj(i -> "block_" + i).toList();
  }

  @Override
  public Map<String, NDArray> features(
      Forward pass,
      NDArray x,
      NDArray noiseCondition,
      @Nullable NDArray labels,
      List<String> names) {
    List<String> known = featureNames();
    int last = names.stream().mapToInt(known::indexOf).max().orElse(-1);
    if (!known.containsAll(names)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "features %s: this network has block_1 to block_%d",
              names,
              known.size()));
    }
    List<NDArray> made =
        transformer.blocks(
            pass, patches.split(x), unit.toTimestep(noiseCondition), classes(x, labels), last + 1);
    Map<String, NDArray> features = new LinkedHashMap<>();
    for (String name : names) {
      features.put(name, made.get(known.indexOf(name)).mean(new int[] {1}));
    }
    return features;
  }

  private NDArray classes(NDArray x, @Nullable NDArray labels) {
    return conditional && labels != null
        ? labels
        : x.getManager().zeros(new Shape(x.getShape().get(0)), DataType.INT64);
  }

  /** The base of the sinusoids, 10000, which the reference keeps as buffers. */
  @Override
  public Set<String> referenceConstants() {
    return constants;
  }
}
