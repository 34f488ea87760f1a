package io.github.diffusionhost.plugins.imagefolder;

/** How an image comes to be {@code size} pixels high and wide. */
public enum ResizeMode {
  /** The largest square in the middle, scaled. */
  CENTER_CROP,
  /** All of the image, each axis scaled by itself. */
  STRETCH,
  /** Not at all: every image must have that size. */
  NONE
}
