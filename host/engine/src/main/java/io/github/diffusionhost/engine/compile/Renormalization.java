package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.Forward;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.trace.NoDraws;
import io.github.diffusionhost.engine.trace.Recording;
import io.github.diffusionhost.engine.trace.steady.SteadyCode;
import java.util.List;
import java.util.Map;

/**
 * What a denoiser does to its weights before a step, as a program from weights to new values.
 *
 * @param program its outputs are the new values
 * @param weights the weights that it reads, by name
 * @param changed the names of the weights that take the outputs
 */
public record Renormalization(Program program, Map<String, Value> weights, List<String> changed) {
  /**
   * Records what the denoiser of a network does.
   *
   * @param constants the scope of the program's constants
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that is not possible, or
   *     the code does not do the same whenever it runs
   */
  static Steady<Renormalization> record(Network network, NDManager constants) {
    Steady.Once<Renormalization> first = once(network, constants);
    SteadyCode code =
        new SteadyCode(
            scope -> once(network, scope).recorded(),
            first.recorded(),
            constants,
            List.of(network.denoiser(), network.scheduler()));
    code.requireSteady();
    // In float32 whatever the network computes in: these are the weights themselves.
    Passes passes = Passes.portable(constants);
    Renormalization raw = first.trace();
    Program improved = passes.afterGradients(passes.beforeGradients(raw.program));
    return new Steady<>(new Renormalization(improved, raw.weights, raw.changed), code);
  }

  private static Steady.Once<Renormalization> once(Network network, NDManager constants) {
    try (NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      Recording recording = new Recording(constants);
      RecordedWeights weights = RecordedWeights.of(network, recording);
      Forward pass = Forward.of(weights.store(), true, NoDraws.INSTANCE);
      Map<Parameter, NDArray> values = recording.run(() -> network.renormalized(pass));
      List<String> changed =
          values.keySet().stream()
              .map(parameter -> RecordedWeights.nameOf(network, parameter.getArray()))
              .toList();
      Program recorded = recording.finish(List.copyOf(values.values()));
      Renormalization raw = new Renormalization(recorded, weights.values(), changed);
      return new Steady.Once<>(raw, recording.recorded(recorded, changed));
    }
  }
}
