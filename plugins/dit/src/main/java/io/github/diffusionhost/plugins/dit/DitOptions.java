package io.github.diffusionhost.plugins.dit;

import io.github.diffusionhost.api.options.Option;

/** The options of {@link DitProvider}. */
public record DitOptions(
    @Option(value = "pixels a side of the square that makes one token", min = 1, max = 256)
        int patch,
    @Option(value = "values of a token inside the network: heads x headSize", min = 4, max = 8192)
        int width,
    @Option(value = "blocks", min = 1, max = 256) int layers,
    @Option(value = "query heads of the attention", min = 1, max = 256) int heads,
    @Option(value = "values of one head; a multiple of 4", min = 4, max = 1024) int headSize,
    @Option(value = "key and value heads, each shared by heads / kvHeads query heads", min = 1)
        int kvHeads,
    @Option(value = "hidden width of the MLPs in widths", min = 1, max = 64) int mlpFactor,
    @Option(value = "base of the rotary frequencies", min = 1) double theta,
    @Option("rotary positions: each image token its own, or its neighbour's as published")
        Positions positions,
    @Option(value = "size of the sinusoidal time embedding; even", min = 4, max = 8192)
        int timeSize,
    @Option(
            "frequencies of the sinusoidal embeddings: published (sin first, half - 1 in the"
                + " exponent) or diffusers (cos first, half)")
        TimeEmbedding timeEmbedding,
    @Option(
            value = "class embedding sinusoidal: size of the sinusoid of the class index; even",
            min = 4,
            max = 8192)
        int classSize,
    @Option("class token: from the sinusoid of the class index, or a learned table")
        ClassEmbedding classEmbedding,
    @Option(value = "standard deviation of initial weights; biases start at 0", min = 0, max = 1)
        double initStd,
    @Option("whether the dataset's labels, if any, choose the class token")
        boolean classConditional) {

  /** Which position an image token is given. */
  public enum Positions {
    ALIGNED,
    AS_PUBLISHED
  }

  /** The convention of sinusoidal embeddings. */
  public enum TimeEmbedding {
    PUBLISHED,
    DIFFUSERS
  }

  /** Where the class token comes from. */
  public enum ClassEmbedding {
    SINUSOIDAL,
    TABLE
  }

  /** Recipe R3: 6,906,628 parameters on 28×28×1, image tokens at their own positions. */
  public static final DitOptions MNIST =
      new DitOptions(
          2,
          256,
          3,
          4,
          64,
          1,
          4,
          100,
          Positions.ALIGNED,
          256,
          TimeEmbedding.PUBLISHED,
          256,
          ClassEmbedding.SINUSOIDAL,
          0.002,
          true);

  /** A quarter of the tokens at half the width, for training on a few cores. */
  public static final DitOptions SMALL =
      new DitOptions(
          4,
          128,
          4,
          4,
          32,
          1,
          4,
          100,
          Positions.ALIGNED,
          128,
          TimeEmbedding.PUBLISHED,
          128,
          ClassEmbedding.SINUSOIDAL,
          0.02,
          true);

  /** Checks what the ranges of single options cannot. */
  public DitOptions {
    require(
        headSize % 4 == 0,
        "headSize "
            + headSize
            + " is not a multiple of 4: one half is rotated by rows, one by columns, each in"
            + " pairs; set it to "
            + (headSize / 4 + 1) * 4);
    require(
        width == heads * headSize,
        "width "
            + width
            + " is not heads "
            + heads
            + " x headSize "
            + headSize
            + ": set width to "
            + heads * headSize
            + ", or heads or headSize to fit");
    require(
        heads % kvHeads == 0,
        "heads "
            + heads
            + " is not a multiple of kvHeads "
            + kvHeads
            + ": set kvHeads to 1, "
            + heads
            + " or another divisor");
    require(timeSize % 2 == 0, "timeSize " + timeSize + " is odd: it has a cos for each sin");
    require(classSize % 2 == 0, "classSize " + classSize + " is odd: it has a cos for each sin");
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }
}
