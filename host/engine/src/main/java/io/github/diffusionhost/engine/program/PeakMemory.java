package io.github.diffusionhost.engine.program;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much memory the tensors of a program take at most while it runs: each from the operation that
 * makes it to the last one that reads it. Views are counted as nothing, inputs and constants too.
 */
public final class PeakMemory {
  private PeakMemory() {}

  /** Bytes for a batch of {@code images}. */
  public static long bytes(Program program, long images) {
    Map<Value, Value> owners = owners(program.nodes());
    Map<Value, Integer> last = new HashMap<>();
    List<Node> nodes = program.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (Value input : nodes.get(i).inputs()) {
        last.put(owners.getOrDefault(input, input), i);
      }
    }
    program
        .outputs()
        .forEach(output -> last.put(owners.getOrDefault(output, output), nodes.size()));
    Set<Value> live = new HashSet<>();
    long now = 0;
    long peak = 0;
    for (int i = 0; i < nodes.size(); i++) {
      for (Value output : nodes.get(i).outputs()) {
        if (!owners.containsKey(output) && last.containsKey(output) && live.add(output)) {
          now += size(output, images);
        }
      }
      peak = Math.max(peak, now);
      for (Value input : nodes.get(i).inputs()) {
        Value owner = owners.getOrDefault(input, input);
        if (last.getOrDefault(owner, -1) == i && live.remove(owner)) {
          now -= size(owner, images);
        }
      }
    }
    return peak;
  }

  /** The tensor whose memory each view shares. */
  private static Map<Value, Value> owners(List<Node> nodes) {
    Map<Value, Value> owners = new HashMap<>();
    for (Node node : nodes) {
      if (node.isView()) {
        Value source = node.input(0);
        Value owner = owners.getOrDefault(source, source);
        node.outputs().forEach(output -> owners.put(output, owner));
      }
    }
    return owners;
  }

  /** Bytes of one tensor for a batch of {@code images}. */
  public static long size(Value value, long images) {
    return value.type().elements().at(images) * value.type().type().getNumOfBytes();
  }
}
