package io.github.diffusionhost.api.model;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The names under which checkpoints keep the parameters of a block: the names of its children and
 * parameters joined with dots, as in a PyTorch state dict ({@code blocks.0.attn.q_proj.weight}).
 */
public final class ParameterNames {
  private ParameterNames() {}

  /** Every parameter of the block and its descendants by name, in the order of definition. */
  public static Map<String, Parameter> of(Block block) {
    Map<String, Parameter> named = new LinkedHashMap<>();
    collect(block, "", named);
    return named;
  }

  private static void collect(Block block, String prefix, Map<String, Parameter> named) {
    for (Pair<String, Parameter> own : block.getDirectParameters()) {
      named.put(prefix + own.getKey(), own.getValue());
    }
    int position = 0;
    for (Pair<String, Block> child : block.getChildren()) {
      collect(child.getValue(), prefix + childName(child.getKey(), ++position) + ".", named);
    }
  }

  /** DJL prepends the child's position, in two digits or more, to its name. */
  private static String childName(String key, int position) {
    String prefix = String.format(Locale.ROOT, "%02d", position);
    return key.startsWith(prefix) ? key.substring(prefix.length()) : key;
  }
}
