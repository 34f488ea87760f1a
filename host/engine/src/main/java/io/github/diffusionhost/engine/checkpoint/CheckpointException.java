package io.github.diffusionhost.engine.checkpoint;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A checkpoint that cannot be written or used; the message says which file, why and what to do. */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  CheckpointException(String message) {
    this(message, null);
  }
}
