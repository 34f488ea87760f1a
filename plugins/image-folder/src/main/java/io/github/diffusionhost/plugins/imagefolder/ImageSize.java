package io.github.diffusionhost.plugins.imagefolder;

/** Columns and rows of an image in pixels. */
record ImageSize(int width, int height) {
  @Override
  public String toString() {
    return width + "x" + height;
  }
}
