package io.github.diffusionhost.plugins.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.pooling.Pool;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.ModelContext;
import io.github.diffusionhost.api.model.NoiseCondition;
import io.github.diffusionhost.api.ops.Ops;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The U-Net of Ho et al. 2020 (arXiv 2006.11239, appendix B) in the form of diffusers' {@code
 * UNet2DModel}, with its parameters' names and order.
 *
 * <p>Features are means over pixels: {@code mid} of what the middle makes, {@code out_1 … out_k} of
 * what the residual blocks on the way up make, with their attention, the lowest resolution first.
 */
final class Unet extends Denoiser {
  private final NoiseCondition unit;
  private final Conv2d in;
  private final @Nullable BatchNorm inNorm;
  private final TimeEmbedding time;
  private final @Nullable LabelEmbedding labelEmbedding;
  private final List<DownLevel> down = new ArrayList<>();
  private final List<UpLevel> up = new ArrayList<>();
  private final Middle middle;
  private final GroupNorm outNorm;
  private final Conv2d out;

  Unet(UnetOptions options, ModelContext context) {
    Layers layers = new Layers(context.noise());
    unit = context.condition();
    int width = options.channels().get(0);
    int images = context.imageShape().channels();
    int levels = options.channels().size();
    in = child("conv_in", layers.convolution(images, width, 3, 1, 1), Layers.images(images));
    inNorm =
        options.inputNorm() == UnetOptions.InputNorm.BATCH
            ? child("norm_in", new BatchNorm(width, options))
            : null;
    time = child("time_embedding", new TimeEmbedding(options, layers));
    labelEmbedding =
        options.classConditional() && context.classes() > 0
            ? child(
                "class_embedding",
                new LabelEmbedding(
                    context.labelValues(), TimeEmbedding.width(options), context.noise()))
            : null;
    for (int i = 0; i < levels; i++) {
      down.add(child("down_blocks." + i, new DownLevel(i, options, layers)));
    }
    for (int i = 0; i < levels; i++) {
      up.add(child("up_blocks." + i, new UpLevel(levels - 1 - i, options, layers)));
    }
    middle = child("mid_block", new Middle(options, layers));
    outNorm = child("conv_norm_out", new GroupNorm(width, options));
    out = child("conv_out", layers.convolution(width, images, 3, 1, 1), Layers.images(width));
  }

  @Override
  public NDArray predict(
      Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    List<NDArray> made = new ArrayList<>();
    NDArray state = run(pass, x, embedding(pass, noiseCondition, labels), up.size(), made);
    return pass.apply(out, Ops.silu(pass.apply(outNorm, state)));
  }

  @Override
  public List<String> featureNames() {
    List<String> names = new ArrayList<>(List.of("mid"));
    int blocks = up.stream().mapToInt(UpLevel::size).sum();
    for (int i = 1; i <= blocks; i++) {
      names.add("out_" + i);
    }
    return names;
  }

  @Override
  public Map<String, NDArray> features(
      Forward pass,
      NDArray x,
      NDArray noiseCondition,
      @Nullable NDArray labels,
      List<String> names) {
    List<String> known = featureNames();
    if (!known.containsAll(names)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "features %s: this network has mid and out_1 to out_%d",
              names,
              known.size() - 1));
    }
    int last = names.stream().mapToInt(known::indexOf).max().orElse(0);
    int levels = 0;
    for (int blocks = 0; blocks < last; levels++) {
      blocks += up.get(levels).size();
    }
    List<NDArray> made = new ArrayList<>();
    NDArray embedding = embedding(pass, noiseCondition, labels);
    run(pass, x, embedding, levels, made);
    Map<String, NDArray> features = new LinkedHashMap<>();
    for (String name : names) {
      features.put(name, Pool.globalAvgPool2d(made.get(known.indexOf(name))));
    }
    return features;
  }

  private NDArray embedding(Forward pass, NDArray noiseCondition, @Nullable NDArray labels) {
    NDArray embedding = pass.apply(time, unit.toTimestep(noiseCondition));
    if (labelEmbedding != null && labels != null) {
      embedding = embedding.add(pass.apply(labelEmbedding, labels));
    }
    return Ops.silu(embedding);
  }

  /**
   * Goes down, through the middle, and some levels up.
   *
   * @param made takes what the middle makes, and each block on the way up
   */
  private NDArray run(Forward pass, NDArray x, NDArray embedding, int levels, List<NDArray> made) {
    NDArray state = pass.apply(in, x);
    if (inNorm != null) {
      state = pass.apply(inNorm, state);
    }
    List<NDArray> skips = new ArrayList<>(List.of(state));
    for (DownLevel level : down) {
      state = level.apply(pass, state, embedding, skips);
    }
    state = middle.apply(pass, state, embedding);
    made.add(state);
    Deque<NDArray> left = new ArrayDeque<>(skips);
    for (UpLevel level : up.subList(0, levels)) {
      state = level.apply(pass, state, embedding, left, made);
    }
    return state;
  }
}
