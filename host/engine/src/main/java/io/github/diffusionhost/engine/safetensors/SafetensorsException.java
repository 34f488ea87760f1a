package io.github.diffusionhost.engine.safetensors;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A safetensors file that cannot be read; the message names the file and what is wrong with it. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(Path file, String problem, @Nullable Throwable cause) {
    super(file + ": " + problem, cause);
  }

  SafetensorsException(Path file, String problem) {
    this(file, problem, null);
  }
}
