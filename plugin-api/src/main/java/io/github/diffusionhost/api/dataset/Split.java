package io.github.diffusionhost.api.dataset;

/** The parts of a dataset. */
public enum Split {
  TRAIN,
  TEST
}
