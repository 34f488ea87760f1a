package io.github.diffusionhost.engine.script;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.engine.program.Program;
import java.util.List;

/** A program that can be called, for any number of images. */
public final class ProgramModule implements AutoCloseable {
  private static final String CONSTANTS = "constants";
  private static final String CALL = "call";

  private final NDManager manager;
  private final ScriptModule module;

  /**
   * Loads a program.
   *
   * @param manager the device, which the program's constants are on; results go to the caller's
   *     scope
   */
  public ProgramModule(Program program, NDManager manager) {
    this.manager = manager;
    ProgramText text = new ProgramText();
    text.line("n = torch.size(batch, 0)");
    text.line("device = batch.device");
    for (int i = 0; i < program.inputs().size(); i++) {
      text.name(program.inputs().get(i), "inputs[" + i + "]");
    }
    text.constants(program, CONSTANTS, 0);
    text.write(program);
    text.line("return " + text.names(program.outputs()));
    ModuleText code = new ModuleText();
    code.list(CONSTANTS);
    code.method(CALL, "batch: Tensor, inputs: List[Tensor]", "List[Tensor]", text.toString());
    this.module = new ScriptModule(code.toString(), code.lists(), manager);
    module.bind(CONSTANTS, program.constants().values());
  }

  /** The program's outputs for a number of images. */
  public NDList call(long images, List<NDArray> inputs) {
    try (NDArray batch = manager.zeros(new Shape(images))) {
      return module.call(CALL, batch, inputs);
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
