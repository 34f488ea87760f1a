package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.api.model.Forward;

/**
 * One joint transformer block: attention and MLP, modulated and gated by the time.
 *
 * <p>As published, a block first replaces both streams by their layer norms, and its additions
 * start from these. In the last block the class token's own output reaches nothing and is not
 * computed; its layers exist, as in the reference's checkpoints, and get no gradient.
 */
final class JointBlock extends DitBlock {
  private static final int CHUNKS = 6;

  private final boolean last;
  private final AdaNorm imageNorm;
  private final AdaNorm labelNorm;
  private final JointAttention attention;
  private final Mlp imageMlp;
  private final Mlp labelMlp;

  JointBlock(DitOptions options, boolean last) {
    this.last = last;
    imageNorm = child("adanorm", new AdaNorm(options.width(), CHUNKS));
    labelNorm = child("adanorm_add", new AdaNorm(options.width(), CHUNKS));
    attention = child("attn", new JointAttention(options));
    imageMlp = child("mlp", new Mlp(options.width(), options.mlpFactor()));
    labelMlp = child("mlp_add", new Mlp(options.width(), options.mlpFactor()));
  }

  /**
   * Runs the block.
   *
   * @param time SiLU of the embedded time [N,1,D]
   * @return both streams; of the last block the class token as it came in
   */
  Streams apply(Forward pass, Streams in, NDArray time, Rotation rotation) {
    NDArray image = AdaNorm.norm(in.image());
    NDArray label = AdaNorm.norm(in.label());
    Modulation ofImage = Modulation.of(imageNorm.chunks(pass, time));
    Modulation ofLabel = Modulation.of(labelNorm.chunks(pass, time));
    Streams modulated = new Streams(ofImage.beforeAttention(image), ofLabel.beforeAttention(label));
    NDList gathered = attention.attend(pass, modulated, rotation).split(new long[] {1}, 1);

    image = ofImage.afterAttention(image, attention.imageOut(pass, gathered.get(1)));
    image = ofImage.afterMlp(image, imageMlp.apply(pass, ofImage.beforeMlp(image)));
    if (last) {
      return new Streams(image, in.label());
    }
    label = ofLabel.afterAttention(label, attention.labelOut(pass, gathered.get(0)));
    label = ofLabel.afterMlp(label, labelMlp.apply(pass, ofLabel.beforeMlp(label)));
    return new Streams(image, label);
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    Rotation rotation = new Rotation(inputs.get(3), inputs.get(4));
    Streams in = new Streams(inputs.get(0), inputs.get(1));
    Streams out = apply(pass, in, inputs.get(2), rotation);
    return new NDList(out.image(), out.label());
  }
}
