package io.github.diffusionhost.plugins.unet;

import io.github.diffusionhost.api.exchange.ForeignConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Which levels have attention, as diffusers says it: a class name for each level on the way down,
 * and one for each on the way up, the lowest level first.
 */
final class BlockTypes {
  private static final String DOWN = "DownBlock2D";
  private static final String UP = "UpBlock2D";
  private static final String ATTENTION = "Attn";

  private BlockTypes() {}

  /** Reads both lists, which must agree, with the class's defaults. */
  static List<Integer> attention(ForeignConfig config, int levels) {
    List<Integer> below = List.of(1, 2, 3);
    List<String> down = config.texts("down_block_types", down(below, 4));
    List<String> up = new ArrayList<>(config.texts("up_block_types", up(below, 4)));
    requireKnown(config, "down_block_types", down, DOWN, levels);
    requireKnown(config, "up_block_types", up, UP, levels);
    Collections.reverse(up);
    List<Integer> attention = withAttention(down);
    if (!attention.equals(withAttention(up))) {
      config.refuse(
          "up_block_types",
          "has attention at levels %s, and down_block_types at %s (supported: the same on both ways)"
              .formatted(withAttention(up), attention));
    }
    return attention;
  }

  /** The blocks on the way down. */
  static List<String> down(List<Integer> attention, int levels) {
    return IntStream.range(0, levels)
        .mapToObj(level -> attention.contains(level) ? ATTENTION + DOWN : DOWN)
        .toList();
  }

  /** The blocks on the way up. */
  static List<String> up(List<Integer> attention, int levels) {
    return IntStream.range(0, levels)
        .mapToObj(i -> attention.contains(levels - 1 - i) ? ATTENTION + UP : UP)
        .toList();
  }

  private static List<Integer> withAttention(List<String> types) {
    return IntStream.range(0, types.size())
        .filter(level -> types.get(level).startsWith(ATTENTION))
        .boxed()
        .toList();
  }

  private static void requireKnown(
      ForeignConfig config, String key, List<String> types, String plain, int levels) {
    for (String type : types) {
      if (!type.equals(plain) && !type.equals(ATTENTION + plain)) {
        config.refuse(
            key, "has \"%s\" (supported: %s, %s)".formatted(type, plain, ATTENTION + plain));
      }
    }
    if (types.size() != levels) {
      config.refuse(
          key,
          String.format(
              Locale.ROOT, "has %d levels, and block_out_channels %d", types.size(), levels));
    }
  }
}
