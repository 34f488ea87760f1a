package io.github.diffusionhost.plugins.edm2.network;

import io.github.diffusionhost.api.options.Option;
import java.util.List;

/** The options of {@link Edm2ModelProvider}. */
public record Edm2Options(
    @Option(
            value = "channels of each level, from full resolution down; multiples of 32",
            min = 32,
            max = 16384)
        List<Integer> channels,
    @Option(value = "levels with self-attention; 0 is full resolution", min = 0, max = 15)
        List<Integer> attention,
    @Option(
            value =
                "residual blocks of a level on the way up; on the way down one less, and one that halves the resolution",
            min = 2,
            max = 64)
        int blocks,
    @Option(value = "channels of one attention head; 0: one head", min = 0, max = 16384)
        int headSize,
    @Option(
            value = "probability of setting a value to zero in training, in residual blocks",
            min = 0,
            max = 0.999)
        double dropout,
    @Option("whether the dataset's labels, if any, are embedded with the noise level")
        boolean classConditional) {
  private static final int GROUPS = 32;

  /** Recipe R4 for CIFAR-10, 39.5 million parameters on 32×32×3. */
  public static final Edm2Options CIFAR10 =
      new Edm2Options(List.of(128, 256, 256, 256), List.of(1), 3, 0, 0.13, false);

  /** Recipe R4 for Tiny-ImageNet, 62.4 million parameters on 64×64×3. */
  public static final Edm2Options TINY_IMAGENET =
      new Edm2Options(List.of(128, 256, 256, 256), List.of(2), 5, 0, 0.1, false);

  /** About a million parameters, for a few cores. */
  public static final Edm2Options SMALL =
      new Edm2Options(List.of(32, 64, 96), List.of(2), 2, 0, 0, false);

  /** Checks what the ranges of single options cannot. */
  public Edm2Options {
    channels = List.copyOf(channels);
    attention = List.copyOf(attention);
    require(!channels.isEmpty(), "channels is empty: name the channels of each level");
    for (int width : channels) {
      require(width % GROUPS == 0, "channels " + width + " is no multiple of " + GROUPS);
      require(
          headSize == 0 || width % headSize == 0,
          "headSize " + headSize + " does not divide the " + width + " channels of a level");
    }
    for (int level : attention) {
      int last = channels.size() - 1;
      require(level <= last, "attention level " + level + ": levels go from 0 to " + last);
    }
  }

  /** Channels of an attention head at a level; 0 if it has no attention. */
  int heads(int level) {
    if (!attention.contains(level)) {
      return 0;
    }
    return headSize == 0 ? channels.get(level) : headSize;
  }

  private static void require(boolean fits, String message) {
    if (!fits) {
      throw new IllegalArgumentException(message);
    }
  }
}
