package io.github.diffusionhost.engine.scope;

import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.jni.JniUtils;

/** An {@link NDScope} without gradients; see {@link NoGradients}. */
public final class NoGradientScope extends NDScope {
  private final boolean before = NoGradients.off();

  /** Opens the scope on this thread. */
  public NoGradientScope() {}

  /** Closes every array of the scope; afterwards the thread is as it was. */
  @Override
  public void close() {
    JniUtils.setGradMode(before);
    super.close();
  }
}
