package io.github.diffusionhost.api.image;

/**
 * A file of an {@link ImageArchive}.
 *
 * @param name relative to the archive, with forward slashes
 * @param bytes its size
 * @param stamp what changes with its content: the time of the last change in nanoseconds of an
 *     unpacked file, the CRC-32 of a zipped one
 */
public record ArchivedFile(String name, long bytes, long stamp) {
  /** The name without the folders around it. */
  public String fileName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
