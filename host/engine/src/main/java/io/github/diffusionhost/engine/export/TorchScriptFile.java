package io.github.diffusionhost.engine.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.github.diffusionhost.api.dataset.ImageShape;
import io.github.diffusionhost.engine.compile.InferenceTrace;
import io.github.diffusionhost.engine.files.AtomicFile;
import io.github.diffusionhost.engine.network.Inference;
import io.github.diffusionhost.engine.network.Network;
import io.github.diffusionhost.engine.pass.Passes;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.scope.NoGradientScope;
import io.github.diffusionhost.engine.script.ModuleText;
import io.github.diffusionhost.engine.script.ProgramText;
import io.github.diffusionhost.engine.script.ScriptModule;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A denoiser as a TorchScript file, which PyTorch ({@code torch.jit.load}), libtorch and DJL load
 * without this program.
 *
 * <p>Its method is {@code forward(x, condition, labels)}: x [N,C,H,W] float32, condition [N]
 * float32, labels [N] int64, to [N,C,H,W] float32, for any N and on any device that the file is
 * mapped to when it is loaded. A network that uses no labels has no third parameter.
 */
public final class TorchScriptFile {
  private static final String WEIGHTS = "weights";
  private static final String CONSTANTS = "constants";

  private TorchScriptFile() {}

  /**
   * Writes a network's denoiser with its present weights.
   *
   * @param shape the size of an image
   * @param labelled whether the network is given labels
   * @param target the file; what is there is replaced when the new one is whole
   * @return whether it takes labels: only those of a network that uses them
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if something in the network
   *     cannot be recorded, or does not do the same whenever it runs
   * @throws IOException if the file cannot be written
   */
  public static boolean write(Network network, ImageShape shape, boolean labelled, Path target)
      throws IOException {
    try (NDManager manager = network.manager().newSubManager();
        NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      InferenceTrace trace = trace(network, shape, labelled, manager);
      ModuleText text = module(trace);
      try (ScriptModule module = new ScriptModule(text.toString(), text.lists(), manager)) {
        Map<String, NDArray> values = network.weights().values();
        module.bind(
            WEIGHTS,
            trace.weights().keySet().stream()
                .map(values::get)
                // Whoever loads the file wants no gradients.
                .map(NDArray::stopGradient)
                .toList());
        module.bind(CONSTANTS, trace.program().constants().values());
        AtomicFile.write(target, channel -> module.save(Channels.newOutputStream(channel)));
        return labels(trace) != null;
      }
    }
  }

  /**
   * Whether what a labelled network predicts depends on labels.
   *
   * @param shape the size of an image
   * @throws io.github.diffusionhost.engine.trace.NotTraceableException if that cannot be found out
   */
  public static boolean usesLabels(Network network, ImageShape shape) {
    try (NDManager manager = network.manager().newSubManager();
        NDScope scope = new NoGradientScope()) {
      scope.suppressNotUsedWarning();
      return labels(trace(network, shape, true, manager)) != null;
    }
  }

  private static InferenceTrace trace(
      Network network, ImageShape shape, boolean labelled, NDManager manager) {
    return InferenceTrace.record(
            network,
            Inference.prediction(network),
            shape,
            labelled,
            Passes.portable(manager),
            manager)
        .trace();
  }

  private static ModuleText module(InferenceTrace trace) {
    ProgramText text = new ProgramText();
    text.name(trace.x(), "x");
    text.name(trace.condition(), "condition");
    Value given = labels(trace);
    if (given != null) {
      text.name(given, "labels");
    }
    int index = 0;
    for (Value weight : trace.weights().values()) {
      text.name(weight, "(self.weights)[" + index++ + "]");
    }
    text.constants(trace.program(), CONSTANTS, 0);
    text.line("n = torch.size(x, 0)");
    text.line("device = x.device");
    text.write(trace.program());
    text.line("return " + text.name(trace.program().outputs().get(0)));
    ModuleText module = new ModuleText();
    List.of(WEIGHTS, CONSTANTS).forEach(module::list);
    String labels = given == null ? "" : ", labels: Tensor";
    module.method("forward", "x: Tensor, condition: Tensor" + labels, "Tensor", text.toString());
    return module;
  }

  /** The labels if anything depends on them. */
  private static @Nullable Value labels(InferenceTrace trace) {
    Value labels = trace.labels();
    boolean used = trace.program().nodes().stream().anyMatch(n -> n.inputs().contains(labels));
    return used ? labels : null;
  }
}
