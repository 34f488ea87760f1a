package io.github.diffusionhost.api.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Text files that people give: UTF-8, without the byte-order mark that some editors put before it.
 * Nothing is replaced in silence.
 */
public final class Utf8 {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private Utf8() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read or is no UTF-8; the message names the file and the
   *     line
   */
  public static String read(Path file) throws IOException {
    return decode(file, Files.readAllBytes(file));
  }

  /**
   * The text of bytes.
   *
   * @param where they are from, for messages
   * @throws IOException if they are no UTF-8; the message names the place and the line
   */
  public static String decode(Object where, byte[] bytes) throws IOException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new IOException(
          Printable.path(where) + ", line " + line(bytes, in.position()) + ": not UTF-8 text");
    }
    String text = out.flip().toString();
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private static int line(byte[] bytes, int end) {
    int line = 1;
    for (int i = 0; i < end; i++) {
      if (bytes[i] == '\n') {
        line++;
      }
    }
    return line;
  }
}
