package io.github.diffusionhost.app.run

import io.github.diffusionhost.engine.arithmetic.GlobalContext
import io.github.diffusionhost.engine.options.TrainOptions.Matmul
import org.slf4j.LoggerFactory

/**
 * How this process computes on GPUs. PyTorch by itself rounds convolutions to TF32, and takes algorithms of cuDNN that
 * give other bits each time: then no run would go on as if it had not been stopped.
 */
internal fun useArithmetic(matmul: Matmul, context: () -> GlobalContext = ::GlobalContext) {
  try {
    context().run {
      deterministic(true)
      allowTf32(matmul == Matmul.TF32)
    }
  } catch (e: UnsatisfiedLinkError) {
    LoggerFactory.getLogger("io.github.diffusionhost.app.run.Arithmetic")
      .warn(
        "This libtorch lacks a setting of its arithmetic ({}): convolutions of float32 may round to TF32, and a run " +
          "that goes on may differ in the last bits",
        e.message,
      )
  }
}
