package io.github.diffusionhost.engine.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.levels.LevelScript;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The arrays that a compiled step works on, by reference.
 *
 * @param sums of losses, of norms, and the number of good steps
 * @param levels as {@link LevelScript} has them
 */
record StepBinding(TrainingSetup setup, StepProgram program, NDList sums, List<NDArray> levels) {

  /** Makes the lists of a {@link StepScript} refer to them. */
  void bind(ScriptModule module) {
    Network network = setup.network();
    Map<String, NDArray> weights = network.weights().values();
    List<NDArray> constants = new ArrayList<>(program.program().constants().values());
    constants.addAll(program.functions().program().constants().values());
    constants.addAll(program.renormalization().program().constants().values());
    module.bind(StepScript.WEIGHTS, weights.values());
    module.bind(StepScript.CONSTANTS, constants);
    module.bind(StepScript.PIXELS, List.of(setup.batches().pixels(setup.batchSize())));
    module.bind(StepScript.TRAINED, program.trained().stream().map(weights::get).toList());
    module.bind(StepScript.FIRST, setup.optimizer().moment(0, program.trained()));
    module.bind(StepScript.SECOND, setup.optimizer().moment(1, program.trained()));
    module.bind(StepScript.SUMS, sums);
    module.bind(LevelScript.LEVELS, levels);
    for (int i = 0; i < setup.averages().size(); i++) {
      module.bind(StepScript.average(i), setup.averages().get(i).weights().values().values());
    }
  }
}
