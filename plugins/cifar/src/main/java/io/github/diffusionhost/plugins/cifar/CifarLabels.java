package io.github.diffusionhost.plugins.cifar;

/** Which of its labels an image keeps. */
public enum CifarLabels {
  FINE,
  COARSE,
  NONE
}
