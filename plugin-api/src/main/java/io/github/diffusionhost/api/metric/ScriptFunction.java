package io.github.diffusionhost.api.metric;

import ai.djl.ndarray.NDArray;

/**
 * The method {@code forward} of a TorchScript file: somebody's network, whose code is in the file.
 *
 * <p>For the evaluation's thread. Runs without gradients.
 */
public interface ScriptFunction extends AutoCloseable {
  /**
   * Calls the method.
   *
   * @param x the first argument, on the evaluation's device
   * @param flags the next arguments, true or false; what is not given takes its default
   * @return the tensor that it returns, in the caller's scope
   * @throws IllegalStateException if the method fails or returns something other than one tensor,
   *     with the message of PyTorch, shortened; or if its process ends or exceeds a limit, after
   *     which the next call starts another one
   */
  NDArray call(NDArray x, boolean... flags);

  @Override
  void close();
}
