package io.github.diffusionhost.plugins.tinyimagenet;

import io.github.diffusionhost.plugins.tinyimagenet.PackedFormat.UnfitException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A packed file, mapped into memory: what is read of it lies in the operating system's cache of
 * files, which takes no more memory than is free.
 *
 * <p>Length, key and head are checked when it is opened, and each image's checksum whenever the
 * image is read.
 */
final class PackedImages {
  private final Path file;
  private final int imageBytes;
  private final int[] checksums;
  private final int perSegment;
  private final List<MappedByteBuffer> segments = new ArrayList<>();

  private PackedImages(Path file, PackedFormat format, FileChannel channel, int segmentBytes)
      throws IOException {
    this.file = file;
    this.imageBytes = format.shape().elements();
    this.perSegment = segmentBytes / imageBytes;
    if (channel.size() != format.fileBytes()) {
      throw new UnfitException(
          String.format(
              Locale.ROOT,
              "it has %,d bytes and should have %,d",
              channel.size(),
              format.fileBytes()));
    }
    ByteBuffer head = ByteBuffer.allocate(format.headBytes());
    while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
      // Until the head is full.
    }
    this.checksums = format.checksums(head.array());
    for (int first = 0; first < format.count(); first += perSegment) {
      long images = Math.min(perSegment, format.count() - first);
      long at = format.headBytes() + (long) first * imageBytes;
      segments.add(channel.map(MapMode.READ_ONLY, at, images * imageBytes));
    }
  }

  /**
   * Opens a packed file.
   *
   * @throws UnfitException if it is damaged or was made from something else
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  static PackedImages open(Path file, PackedFormat format) throws IOException {
    return open(file, format, Integer.MAX_VALUE);
  }

  /** The same with parts of at most so many bytes, at least an image's, mapped at once. */
  static PackedImages open(Path file, PackedFormat format, int segmentBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new PackedImages(file, format, channel, segmentBytes);
    }
  }

  /**
   * Copies an image.
   *
   * @throws IOException if it is not what was packed, or the file was cut
   */
  void read(int index, byte[] target, int offset) throws IOException {
    try {
      copy(index, target, offset);
    } catch (InternalError e) { // how the JVM tells, a little later, of mapped memory that is gone
      throw new IOException(
          file + " was cut while it was read; delete the file, and it is packed anew", e);
    }
  }

  private void copy(int index, byte[] target, int offset) throws IOException {
    MappedByteBuffer segment = segments.get(index / perSegment);
    segment.get(index % perSegment * imageBytes, target, offset, imageBytes);
    if (PackedFormat.checksum(target, offset, imageBytes) != checksums[index]) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is damaged: the checksum of image %d is wrong; delete the file, and it is packed anew",
              file,
              index));
    }
  }
}
