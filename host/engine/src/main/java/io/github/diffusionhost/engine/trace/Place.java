package io.github.diffusionhost.engine.trace;

import java.util.List;

/** A place in an author's code. */
final class Place {
  /** What stands between an author's code and an operation. */
  private static final List<String> BETWEEN =
      List.of(
          Place.class.getPackageName() + ".",
          "io.github.diffusionhost.api.ops.",
          "ai.djl.",
          "java.",
          "jdk.",
          "com.sun.proxy.");

  private Place() {}

  /** The innermost call of an author's code, {@code com.example.Ect.loss(Ect.java:41)}. */
  static String ofCaller() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> BETWEEN.stream().noneMatch(frame.getClassName()::startsWith))
                    .findFirst()
                    .map(Place::of)
                    .orElse("?"));
  }

  private static String of(StackWalker.StackFrame frame) {
    String method = frame.getClassName() + "." + frame.getMethodName();
    return method + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
  }
}
