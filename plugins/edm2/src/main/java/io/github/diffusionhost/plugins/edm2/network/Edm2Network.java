package io.github.diffusionhost.plugins.edm2.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import io.github.diffusionhost.api.model.Denoiser;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.ModelContext;
import io.github.diffusionhost.api.model.NoiseCondition;
import io.github.diffusionhost.api.ops.Ops;
import io.github.diffusionhost.plugins.edm2.WeightNorm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A U-Net of EDM2 with the topology and the parameter names of xfetus/edm2-multi-gpu. A channel of
 * ones beside the image stands in for biases.
 *
 * <p>Features {@code out_1 … out_k} are the means over pixels of what the blocks on the way up
 * make, the lowest resolution first.
 */
final class Edm2Network extends Denoiser {
  private static final int OUT_GROUPS = 8;
  private static final float OUT_EPS = 1e-5f;

  private final NetworkConfig config;
  private final NoiseCondition unit;
  private final Layers layers;
  private final Convolution in;
  private final Embedding embedding;
  private final List<Block> down = new ArrayList<>();
  private final Block middle1;
  private final Block middle2;
  private final List<Block> up = new ArrayList<>();
  private final Convolution out;
  private final @Nullable Gain outGain;

  Edm2Network(NetworkConfig config, Edm2Options options, ModelContext context) {
    this.config = config;
    this.unit = context.condition();
    this.layers = new Layers(config, options.dropout(), context.noise());
    List<Integer> channels = options.channels();
    int levels = channels.size();
    int images = context.imageShape().channels();
    int width = 4 * channels.get(0);
    in = child("image_proj", layers.convolution(images + 1, channels.get(0), 3), seen(images + 1));
    int classes = options.classConditional() ? context.classes() : 0;
    embedding = child("embedding", new Embedding(width, classes, layers), new Shape(1));
    Deque<Integer> skips = new ArrayDeque<>(List.of(channels.get(0)));
    int now = channels.get(0);
    for (int level = 0; level < levels; level++) {
      int made = channels.get(level);
      for (int i = 0; i < options.blocks() - 1; i++) {
        down(new BlockShape(now, made, width, true, Resampling.NONE, options.heads(level)), skips);
        now = made;
      }
      if (level < levels - 1) {
        down(new BlockShape(made, made, width, true, Resampling.HALVE, 0), skips);
      }
    }
    int deepest = options.headSize() == 0 ? now : options.headSize();
    middle1 =
        child(
            "middle1",
            new Block(new BlockShape(now, now, width, true, Resampling.NONE, deepest), layers));
    middle2 =
        child(
            "middle2",
            new Block(new BlockShape(now, now, width, true, Resampling.NONE, 0), layers));
    for (int level = levels - 1; level >= 0; level--) {
      int made = channels.get(level);
      for (int i = 0; i < options.blocks(); i++) {
        int joined = now + skips.removeLast();
        up(new BlockShape(joined, made, width, false, Resampling.NONE, options.heads(level)));
        now = made;
      }
      if (level > 0) {
        up(new BlockShape(made, made, width, false, Resampling.DOUBLE, 0));
      }
    }
    boolean gain = config.magnitudePreserving();
    out = child(gain ? "final.0" : "final.2", layers.convolution(now, images, 3), seen(now));
    outGain = gain ? child("final.1", new Gain(Initializer.ZEROS), seen(images)) : null;
  }

  @Override
  public NDArray predict(
      Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    List<NDArray> decoded = decode(pass, x, noiseCondition, labels, up.size());
    NDArray state = decoded.get(decoded.size() - 1);
    if (outGain != null) {
      return pass.apply(outGain, pass.apply(out, state));
    }
    return pass.apply(out, Ops.silu(Ops.groupNorm(state, OUT_GROUPS, null, null, OUT_EPS)));
  }

  @Override
  public List<String> featureNames() {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= up.size(); i++) {
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
    int last = 0;
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "no feature is named %s: this network has out_1 to out_%d",
                name,
                up.size()));
      }
      last = Math.max(last, known.indexOf(name) + 1);
    }
    List<NDArray> decoded = decode(pass, x, noiseCondition, labels, last);
    Map<String, NDArray> features = new LinkedHashMap<>();
    for (String name : names) {
      features.put(name, Pool.globalAvgPool2d(decoded.get(known.indexOf(name))));
    }
    return features;
  }

  /** Forced weight normalisation, from config E on. */
  @Override
  public Map<Parameter, NDArray> renormalized(Forward pass) {
    Map<Parameter, NDArray> values = new LinkedHashMap<>();
    if (config.normalizedWeights()) {
      for (WeightLayer layer : layers.made()) {
        Parameter weight = layer.weight();
        values.put(weight, WeightNorm.normalize(pass.value(weight, weight.getArray())));
      }
    }
    return values;
  }

  /** What the first blocks on the way up make. */
  private List<NDArray> decode(
      Forward pass, NDArray x, NDArray noiseCondition, @Nullable NDArray labels, int blocks) {
    NDArray vector = embedding.apply(pass, unit.toLogSigma(noiseCondition), labels);
    Shape shape = x.getShape();
    NDArray ones = x.getManager().ones(new Shape(shape.get(0), 1, shape.get(2), shape.get(3)));
    NDArray state = pass.apply(in, x.concat(ones, 1));
    Deque<NDArray> skips = new ArrayDeque<>(List.of(state));
    for (Block block : down) {
      state = block.apply(pass, state, vector);
      skips.add(state);
    }
    state = middle1.apply(pass, state, vector);
    state = middle2.apply(pass, state, vector);
    List<NDArray> decoded = new ArrayList<>();
    for (Block block : up.subList(0, blocks)) {
      state =
          block.apply(
              pass, block.takesSkip() ? config.concat(state, skips.removeLast()) : state, vector);
      decoded.add(state);
    }
    return decoded;
  }

  private void down(BlockShape shape, Deque<Integer> skips) {
    down.add(child("down." + down.size(), new Block(shape, layers)));
    skips.add(shape.out());
  }

  private void up(BlockShape shape) {
    up.add(child("up." + up.size(), new Block(shape, layers)));
  }

  private static Shape seen(int channels) {
    return new Shape(1, channels, 8, 8);
  }
}
