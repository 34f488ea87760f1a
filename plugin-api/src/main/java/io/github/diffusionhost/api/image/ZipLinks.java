package io.github.diffusionhost.api.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/**
 * Which entries of a zip are symbolic links, whose content is the name of another file (PKZIP
 * APPNOTE 4.3.12, 4.4.15: the upper half of the external attributes is Unix's mode). Java's {@code
 * ZipFile} does not tell.
 */
final class ZipLinks {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_BYTES = 46;
  private static final int UNIX = 3;
  private static final int TYPE = 0xf000;
  private static final int LINK = 0xa000;

  private final FileChannel channel;

  private ZipLinks(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * The places of the links among all entries.
   *
   * @param zip one that Java can read
   */
  static BitSet of(Path zip) throws IOException {
    try (FileChannel channel = FileChannel.open(zip, StandardOpenOption.READ)) {
      return new ZipLinks(channel).links();
    } catch (EOFException e) {
      return new BitSet(); // the file changes meanwhile; reading its entries says so
    }
  }

  private BitSet links() throws IOException {
    ByteBuffer entries = directory();
    BitSet links = new BitSet();
    for (int i = 0; entries.remaining() >= ENTRY_BYTES; i++) {
      int at = entries.position();
      if (entries.getInt(at) != ENTRY) {
        break;
      }
      int mode = entries.getInt(at + 38) >>> 16;
      links.set(i, entries.get(at + 5) == UNIX && (mode & TYPE) == LINK);
      int names = u16(entries, at + 28) + u16(entries, at + 30) + u16(entries, at + 32);
      entries.position(Math.min(entries.limit(), at + ENTRY_BYTES + names));
    }
    return links;
  }

  /** The central directory, which ends where its end record begins. */
  private ByteBuffer directory() throws IOException {
    int most = (int) Math.min(channel.size(), END_BYTES + 0xffff);
    long start = channel.size() - most;
    ByteBuffer tail = read(start, most);
    int at = most - END_BYTES;
    while (tail.getInt(at) != END || at + END_BYTES + u16(tail, at + 20) != most) {
      if (--at < 0) {
        return ByteBuffer.allocate(0);
      }
    }
    long end = start + at;
    long bytes = Integer.toUnsignedLong(tail.getInt(at + 12));
    if (end >= LOCATOR_BYTES) {
      ByteBuffer locator = read(end - LOCATOR_BYTES, LOCATOR_BYTES);
      if (locator.getInt(0) == LOCATOR_64 && locator.getLong(8) >= 0) {
        ByteBuffer end64 = read(locator.getLong(8), 56);
        if (end64.getInt(0) == END_64) {
          end = locator.getLong(8);
          bytes = end64.getLong(40);
        }
      }
    }
    return bytes < 0 || bytes > Math.min(end, Integer.MAX_VALUE - 8)
        ? ByteBuffer.allocate(0)
        : read(end - bytes, (int) bytes);
  }

  private ByteBuffer read(long from, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  private static int u16(ByteBuffer buffer, int at) {
    return Short.toUnsignedInt(buffer.getShort(at));
  }
}
