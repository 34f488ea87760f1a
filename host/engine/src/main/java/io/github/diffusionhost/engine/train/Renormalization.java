package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.random.NoNoise;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a denoiser does to its weights before a step, as a program from weights to new values.
 *
 * @param program its outputs are the new values
 * @param weights the weights that it reads, by name
 * @param changed the names of the weights that take the outputs
 */
record Renormalization(Program program, Map<String, Value> weights, List<String> changed) {
  static Renormalization record(Network network, NDManager constants) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Recording recording = new Recording(constants);
      IdentityHashMap<NDArray, String> names = new IdentityHashMap<>();
      network.weights().values().forEach((name, value) -> names.put(value, name));
      Map<String, Value> weights = new LinkedHashMap<>();
      Map<Parameter, NDArray> values =
          network
              .denoiser()
              .renormalized(
                  Forward.of(
                      network
                          .weights()
                          .store(
                              array -> {
                                NDArray recorded = recording.reference(array);
                                weights.put(names.get(array), recording.value(recorded));
                                return recorded;
                              }),
                      true,
                      NoNoise.INSTANCE));
      List<String> changed = new ArrayList<>();
      values.keySet().forEach(parameter -> changed.add(names.get(parameter.getArray())));
      return new Renormalization(
          recording.finish(new NDList(values.values().stream().toList())), weights, changed);
    }
  }
}
