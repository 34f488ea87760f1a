package io.github.diffusionhost.engine.support

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDList
import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.Shape
import io.github.diffusionhost.engine.program.Program
import io.github.diffusionhost.engine.script.ModuleText
import io.github.diffusionhost.engine.script.ProgramText
import io.github.diffusionhost.engine.script.ScriptModule

/** A program that can be called. */
class CompiledProgram(program: Program, private val manager: NDManager) : AutoCloseable {
  private val module: ScriptModule

  init {
    val text = ProgramText()
    text.line("n = torch.size(batch, 0)")
    text.line("device = batch.device")
    program.inputs().forEachIndexed { i, input -> text.name(input, "inputs[$i]") }
    text.constants(program, "constants", 0)
    text.write(program)
    text.line("return ${text.names(program.outputs())}")
    val code = ModuleText()
    code.list("constants")
    code.method("call", "batch: Tensor, inputs: List[Tensor]", "List[Tensor]", text.toString())
    module = ScriptModule(code.toString(), code.lists(), manager)
    module.bind("constants", program.constants().values)
  }

  fun call(images: Int, inputs: List<NDArray>): NDList =
    manager.zeros(Shape(images.toLong())).use { module.call("call", it, inputs) }

  override fun close() = module.close()
}
