package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.core.Linear;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.api.model.ModelContext;
import io.github.diffusionhost.api.ops.Ops;
import io.github.diffusionhost.api.ops.RotaryTable;
import java.util.ArrayList;
import java.util.List;

/** Image tokens, times and classes to a prediction for each image token. */
final class Transformer extends DitBlock {
  private final RotaryTable rotary;
  private final Linear in;
  private final Embedding timeEmbedding;
  private final Embedding classEmbedding;
  private final List<JointBlock> blocks = new ArrayList<>();
  private final AdaNorm outNorm;
  private final Linear out;

  Transformer(DitOptions options, Patches patches, ModelContext context) {
    int width = options.width();
    rotary = RotaryPositions.table(options, patches);
    in = linear("in_proj", patches.values(), width);
    timeEmbedding =
        child("time_embed", new SinusoidalMlp(options.timeSize(), width, options.timeEmbedding()));
    classEmbedding =
        switch (options.classEmbedding()) {
          case SINUSOIDAL ->
              child(
                  "class_embed",
                  new SinusoidalMlp(options.classSize(), width, options.timeEmbedding()));
          case TABLE -> child("class_embed", new LabelTable(classes(options, context), width));
        };
    for (int i = 0; i < options.layers(); i++) {
      boolean last = i == options.layers() - 1;
      blocks.add(child("blocks." + i, new JointBlock(options, last)));
    }
    outNorm = child("out_adanorm", new AdaNorm(width, 2));
    out = linear("out_proj", width, patches.values());
  }

  private static int classes(DitOptions options, ModelContext context) {
    return options.classConditional() ? Math.max(1, context.labelValues()) : 1;
  }

  /**
   * Predicts.
   *
   * @param tokens noisy patches [N,T,C·p·p]
   * @param times [N]
   * @param classes [N] int64
   * @return [N,T,C·p·p]
   */
  NDArray predict(Forward pass, NDArray tokens, NDArray times, NDArray classes) {
    NDArray time = time(pass, times);
    List<NDArray> made = run(pass, tokens, time, classes, blocks.size());
    NDList modulation = outNorm.chunks(pass, time);
    return pass.apply(
        out, AdaNorm.modulated(made.get(made.size() - 1), modulation.get(0), modulation.get(1)));
  }

  /** How many blocks there are. */
  int depth() {
    return blocks.size();
  }

  /**
   * What the first blocks make of the image tokens, each [N,T,D]; other arguments as for {@link
   * #predict}.
   */
  List<NDArray> blocks(Forward pass, NDArray tokens, NDArray times, NDArray classes, int count) {
    return run(pass, tokens, time(pass, times), classes, count);
  }

  private NDArray time(Forward pass, NDArray times) {
    return Ops.silu(timeEmbedding.embed(pass, times)).expandDims(1);
  }

  private List<NDArray> run(
      Forward pass, NDArray tokens, NDArray time, NDArray classes, int count) {
    NDArray label = classEmbedding.embed(pass, classes).expandDims(1);
    Rotation rotation = Rotation.of(rotary, tokens.getManager());
    Streams streams = new Streams(pass.apply(in, tokens), label);
    List<NDArray> made = new ArrayList<>();
    for (JointBlock block : blocks.subList(0, count)) {
      streams = block.apply(pass, streams, time, rotation);
      made.add(streams.image());
    }
    return made;
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(predict(pass, inputs.get(0), inputs.get(1), inputs.get(2)));
  }
}
