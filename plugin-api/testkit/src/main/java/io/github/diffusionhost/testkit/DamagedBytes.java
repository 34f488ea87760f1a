package io.github.diffusionhost.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damaged copies of a sound file: bits flipped, parts overwritten, cut, doubled or missing, numbers
 * far too large, deep nesting, bytes that are no UTF-8, control characters. A copy follows from the
 * seed and its number alone.
 */
final class DamagedBytes {
  private static final int KINDS = 11;
  private static final int DEEP = 20_000;
  private static final List<String> NUMBERS =
      List.of(
          "99999999999999999999", "-1", "1e999", "9223372036854775807", "NaN", "0", "1e99999999");
  private static final List<String> NESTS = List.of("[", "{\"a\":", "{a: ", "- ", "((", "<a>");
  private static final List<byte[]> FOREIGN =
      List.of(
          new byte[] {(byte) 0xff, (byte) 0xfe},
          new byte[] {(byte) 0xc3, '('},
          new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
          new byte[] {(byte) 0xf8, (byte) 0x88, (byte) 0x80, (byte) 0x80, (byte) 0x80});
  private static final List<String> CONTROLS =
      List.of(
          "\u001b]0;x\u0007",
          "\r",
          "\u0000",
          "\u202e",
          "\u0085",
          "\n\n",
          "\"",
          "\\",
          "\t",
          "\ufeff");

  private final byte[] sound;
  private final long seed;

  /** Copies of {@code sound}, drawn from {@code seed}. */
  DamagedBytes(byte[] sound, long seed) {
    this.sound = sound.clone();
    this.seed = seed;
  }

  /** A copy that is damaged once to three times. */
  byte[] copy(int number) {
    Random random = new Random(seed * 1_000_003 + number);
    byte[] bytes = sound.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      bytes = damaged(bytes, number % KINDS, random);
    }
    return bytes;
  }

  private static byte[] damaged(byte[] bytes, int kind, Random random) {
    int at = random.nextInt(bytes.length + 1);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(64));
    return switch (kind) {
      case 0 -> flipped(bytes, random);
      case 1 -> replaced(bytes, at, end, random(random, end - at));
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> replaced(bytes, at, end, new byte[0]);
      case 4 -> replaced(bytes, at, at, random(random, 1 + random.nextInt(64)));
      case 5 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      case 6 -> number(bytes, at, random);
      case 7 -> replaced(bytes, at, Math.min(bytes.length, at + 4), extreme(random));
      case 8 -> replaced(bytes, at, at, text(pick(NESTS, random).repeat(1 + random.nextInt(DEEP))));
      case 9 -> replaced(bytes, at, at, pick(FOREIGN, random));
      default -> replaced(bytes, at, random.nextBoolean() ? at : end, text(pick(CONTROLS, random)));
    };
  }

  private static byte[] flipped(byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    for (int i = random.nextInt(8); i >= 0 && copy.length > 0; i--) {
      copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  /** The first number in digits after a place becomes another one. */
  private static byte[] number(byte[] bytes, int from, Random random) {
    int begin = from;
    while (begin < bytes.length && !isDigit(bytes[begin])) {
      begin++;
    }
    int end = begin;
    while (end < bytes.length && isDigit(bytes[end])) {
      end++;
    }
    return replaced(bytes, begin, end, text(pick(NUMBERS, random)));
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  /** Four bytes that lengths and counts should not be, in either order. */
  private static byte[] extreme(Random random) {
    byte[] four = new byte[4];
    Arrays.fill(four, (byte) (random.nextBoolean() ? 0xff : 0));
    four[random.nextBoolean() ? 0 : 3] = (byte) (random.nextBoolean() ? 0x7f : 0x80);
    return four;
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + by.length);
    out.write(bytes, 0, from);
    out.writeBytes(by);
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }

  private static byte[] random(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
