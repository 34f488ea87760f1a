package io.github.diffusionhost.engine.pass;

import io.github.diffusionhost.engine.program.Program;

/** A program for another. */
@FunctionalInterface
public interface Pass {
  /** The new program; its inputs and outputs are those of the old one, in the same order. */
  Program apply(Program program);
}
