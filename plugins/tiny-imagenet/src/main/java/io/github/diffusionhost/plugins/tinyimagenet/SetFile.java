package io.github.diffusionhost.plugins.tinyimagenet;

/**
 * A file of a set.
 *
 * @param name as {@link SetFiles} calls it
 * @param bytes its size
 * @param stamp what changes with its content: the time of the last change, or a checksum
 */
record SetFile(String name, long bytes, long stamp) {
  /** The name without the folders around it. */
  String fileName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
