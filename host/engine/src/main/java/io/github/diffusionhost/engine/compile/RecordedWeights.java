package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network's weights while it is recorded: each is an input of the program.
 *
 * @param store where the recorded pass finds them
 * @param values the input of each weight, by name, in the order of the network
 */
record RecordedWeights(ParameterStore store, Map<String, Value> values) {
  /** Makes an input of every weight, in the order of the network. */
  static RecordedWeights of(Network network, Recording recording) {
    Map<String, Value> values = new LinkedHashMap<>();
    network
        .weights()
        .values()
        .forEach((name, array) -> values.put(name, recording.value(recording.reference(array))));
    return new RecordedWeights(network.weights().store(recording::reference), values);
  }

  /** What stands for each weight in a program whose inputs stand in the places of another's. */
  static Map<String, Value> moved(Map<String, Value> weights, Program from, Program to) {
    Map<String, Value> moved = new LinkedHashMap<>();
    weights.forEach((name, value) -> moved.put(name, counterpart(value, from, to)));
    return moved;
  }

  /** The input in the same place of another program. */
  static Value counterpart(Value input, Program from, Program to) {
    return to.inputs().get(from.inputs().indexOf(input));
  }

  /** The names of some of the weights' own arrays. */
  static String nameOf(Network network, NDArray array) {
    return network.weights().values().entrySet().stream()
        .filter(entry -> entry.getValue() == array)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("an array that is no weight of the network"));
  }
}
