package io.github.diffusionhost.engine.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.compile.InferenceTrace;
import io.github.diffusionhost.engine.compile.Steady;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.network.Weights;
import io.github.diffusionhost.engine.options.TrainOptions.Precision;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.PeakMemory;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Stages;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import io.github.diffusionhost.engine.script.ScriptModule;
import io.github.diffusionhost.engine.trace.steady.SteadyCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of native code for any number of images. What depends on the weights alone is computed
 * once for all calls with them.
 */
final class CompiledPredictor implements Predictor {
  private static final String WEIGHTS = "weights";
  private static final String CONSTANTS = "constants";
  private static final String PREPARED = "prepared";

  private final InferenceTrace trace;
  private final SteadyCode code;
  private final Precision precision;
  private final NDManager manager;
  private final ScriptModule module;

  /**
   * Compiles.
   *
   * @param inference what is computed by the network
   * @param labels whether the network is given labels
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if something in the network
   *     cannot be recorded
   */
  CompiledPredictor(
      Network network, Inference inference, ImageShape shape, boolean labels, Precision precision) {
    this.manager = network.manager().newSubManager();
    try {
      Steady<InferenceTrace> recorded =
          InferenceTrace.record(
              network, inference, shape, labels, Passes.of(precision, manager), manager);
      this.trace = recorded.trace();
      this.code = recorded.code();
      this.precision = precision;
      ModuleText text = new ModuleText();
      List.of(WEIGHTS, CONSTANTS, PREPARED).forEach(text::list);
      write(text);
      this.module = new ScriptModule(text.toString(), text.lists(), manager);
      module.bind(CONSTANTS, trace.program().constants().values());
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public void use(Weights weights, Noise noise) {
    Map<String, NDArray> values = weights.values();
    module.bind(WEIGHTS, trace.weights().keySet().stream().map(values::get).toList());
    module.run("prepare");
  }

  @Override
  public NDList compute(NDArray x, NDArray noiseCondition, @Nullable NDArray labels) {
    return module.call("compute", x, noiseCondition, labels == null ? noiseCondition : labels);
  }

  /** What the network's code does differently now, in words; null if it does the same. */
  @Nullable String difference() {
    return code.difference();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public long bytesPerImage() {
    return PeakMemory.bytes(trace.program(), 2) - PeakMemory.bytes(trace.program(), 1);
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }

  private void write(ModuleText module) {
    Program program = trace.program();
    Stages stages = Stages.of(program, trace.weights().values());
    List<Value> prepared = stages.handedOver(program.outputs());
    ProgramText first = text(program);
    first.line("device = " + anyTensor() + ".device");
    first.write(program.with(stages.first()));
    first.line("self.prepared = " + first.names(prepared));
    first.line("return None");
    module.method("prepare", "", "None", first.toString());

    ProgramText second = text(program);
    for (int i = 0; i < prepared.size(); i++) {
      second.name(prepared.get(i), "(self.prepared)[" + i + "]");
    }
    second.name(trace.x(), "x");
    second.name(trace.condition(), "condition");
    if (trace.labels() != null) {
      second.name(trace.labels(), "labels");
    }
    second.line("n = torch.size(x, 0)");
    second.line("device = x.device");
    second.write(program.with(stages.rest()));
    second.line("return " + second.names(program.outputs()));
    module.method(
        "compute",
        "x: Tensor, condition: Tensor, labels: Tensor",
        "List[Tensor]",
        second.toString());
  }

  private String anyTensor() {
    return trace.weights().isEmpty() ? "torch.empty([0])" : "((self.weights)[0])";
  }

  private ProgramText text(Program program) {
    ProgramText text = new ProgramText();
    int index = 0;
    for (Value weight : trace.weights().values()) {
      text.name(weight, "(self.weights)[" + index++ + "]");
    }
    text.constants(program, CONSTANTS, 0);
    return text;
  }
}
