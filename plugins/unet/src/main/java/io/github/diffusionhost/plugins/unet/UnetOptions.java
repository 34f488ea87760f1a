package io.github.diffusionhost.plugins.unet;

import io.github.diffusionhost.api.options.Option;
import java.util.List;

/** The options of {@link UnetProvider}. */
public record UnetOptions(
    @Option(value = "channels of each level, from full resolution down", min = 1, max = 16384)
        List<Integer> channels,
    @Option(value = "levels with self-attention; 0 is full resolution", min = 0, max = 15)
        List<Integer> attention,
    @Option(value = "residual blocks of a level; one more on the way up", min = 1, max = 64)
        int layersPerBlock,
    @Option(value = "channels of one attention head; 0: one head", min = 0, max = 16384)
        int headSize,
    @Option("whether the middle has self-attention") boolean midAttention,
    @Option(value = "groups of a group norm; divides all channels", min = 1, max = 16384)
        int normGroups,
    @Option(value = "added to variances before the root", min = 0, max = 1) double normEps,
    @Option("a norm of what the first convolution makes: none, or batch norm as in recipe R2")
        InputNorm inputNorm,
    @Option("the first norm of every residual block: group norm, or batch norm") Norm firstNorm,
    @Option(value = "probability of setting a value to zero in training", min = 0, max = 0.999)
        double dropout,
    @Option("how resolution is halved: a convolution of stride 2, or the largest of four")
        Downsample downsample,
    @Option(
            value = "downsample conv: zeros around (1), or at the right and the bottom only (0)",
            min = 0,
            max = 1)
        int downsamplePadding,
    @Option("time embedding: cos before sin, as diffusers has it by default") boolean flipSinToCos,
    @Option(value = "time embedding: taken from half its size in the exponent", min = 0, max = 1)
        double freqShift,
    @Option("whether the dataset's labels, if any, are embedded and added to the time")
        boolean classConditional) {

  /** A normalisation of the input convolution's result. */
  public enum InputNorm {
    NONE,
    BATCH
  }

  /** A kind of normalisation. */
  public enum Norm {
    GROUP,
    BATCH
  }

  /** A way to halve the resolution. */
  public enum Downsample {
    CONV,
    MAX_POOL
  }

  /**
   * Recipe R1: the network of Ho et al. 2020 (arXiv 2006.11239) for CIFAR-10 in diffusers'
   * topology, 35,746,307 parameters on 32×32×3.
   */
  public static final UnetOptions CIFAR10 =
      sized(List.of(128, 256, 256, 256), List.of(1), 2, 32, 0.1);

  /** About 1.5 million parameters, for 28×28 digits on a few cores. */
  public static final UnetOptions MNIST = sized(List.of(32, 64, 64), List.of(2), 1, 8, 0);

  /** About 0.4 million parameters, to try things out. */
  public static final UnetOptions TINY = sized(List.of(16, 32, 32), List.of(1), 1, 8, 0);

  private static UnetOptions sized(
      List<Integer> channels, List<Integer> attention, int layers, int groups, double dropout) {
    return new UnetOptions(
        channels,
        attention,
        layers,
        8,
        true,
        groups,
        1e-5,
        InputNorm.NONE,
        Norm.GROUP,
        dropout,
        Downsample.CONV,
        1,
        true,
        0,
        false);
  }

  /** Checks what the ranges of single options cannot. */
  public UnetOptions {
    channels = List.copyOf(channels);
    attention = List.copyOf(attention);
    require(!channels.isEmpty(), "channels is empty: name the channels of each level");
    for (int width : channels) {
      require(
          width % normGroups == 0,
          "normGroups " + normGroups + " does not divide the " + width + " channels of a level");
    }
    int first = channels.get(0);
    require(first % 2 == 0, "the first of channels, " + first + ", is odd: cos and sin share it");
    for (int level : attention) {
      int last = channels.size() - 1;
      require(level <= last, "attention level " + level + ": levels go from 0 to " + last);
      requireHeads(channels.get(level), headSize);
    }
    if (midAttention) {
      requireHeads(channels.get(channels.size() - 1), headSize);
    }
  }

  /** The attention heads of a level. */
  int heads(int width) {
    return headSize == 0 ? 1 : width / headSize;
  }

  private static void requireHeads(int width, int headSize) {
    require(
        headSize == 0 || width % headSize == 0,
        "headSize " + headSize + " does not divide the " + width + " channels of a level");
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }
}
