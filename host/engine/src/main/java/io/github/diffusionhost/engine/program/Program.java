package io.github.diffusionhost.engine.program;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Operations one after the other, each on tensors that are there already.
 *
 * @param inputs what a call gives
 * @param constants tensors that every call shares, with their values
 * @param nodes the operations in order
 * @param outputs what a call returns
 */
public record Program(
    List<Value> inputs, Map<Value, NDArray> constants, List<Node> nodes, List<Value> outputs) {
  /** Copies the lists. */
  public Program {
    inputs = List.copyOf(inputs);
    constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    nodes = List.copyOf(nodes);
    outputs = List.copyOf(outputs);
  }

  /** The same with other operations. */
  public Program with(List<Node> changed) {
    return new Program(inputs, constants, changed, outputs);
  }

  /** The same with other operations and outputs. */
  public Program with(List<Node> changed, List<Value> changedOutputs) {
    return new Program(inputs, constants, changed, changedOutputs);
  }
}
