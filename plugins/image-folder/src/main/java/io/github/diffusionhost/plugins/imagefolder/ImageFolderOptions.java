package io.github.diffusionhost.plugins.imagefolder;

import io.github.diffusionhost.api.options.Option;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the images lie, and how they become pixels. */
public record ImageFolderOptions(
    @Option(
            "the folder or .zip (needed), looked for in the working directory, then in the data"
                + " folder: class folders of PNG and JPEG files, with or without 'train' and 'test'"
                + " (or 'val') folders around them, or images without classes")
        @Nullable Path path,
    @Option(
            value = "edge of an image in pixels; if not given, all images must be of one size",
            min = 1,
            max = 4096)
        @Nullable Integer size,
    @Option(
            "how images come to that size: the middle square scaled, stretched, or none for images"
                + " that have it")
        ResizeMode resize,
    @Option(value = "3: colour, 1: grey; images of the other kind are converted", min = 1, max = 3)
        int channels,
    @Option("turn half of the training images left to right, drawn anew at every step")
        boolean flip,
    @Option("subtracted from pixels in [0, 1]") float mean,
    @Option(value = "the divisor of pixels", min = 1e-6, max = 1e6) float std,
    @Option(
            value = "use only so many images, taken evenly from the classes, for quick runs",
            min = 1)
        @Nullable Integer limit) {

  /** Checks what a range cannot say. */
  public ImageFolderOptions {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          "channels is " + channels + "; an image has 1 (grey) or 3 (colour)");
    }
  }
}
