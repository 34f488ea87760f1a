package io.github.diffusionhost.plugins.tinyimagenet;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What packed images are made from, as a SHA-256: the name, size, label and stamp of each file. The
 * stamp of an unpacked file is the time of its last change, that of a file in a zip its checksum.
 *
 * @param hex the SHA-256 in hexadecimal
 */
record PackedKey(String hex) {
  /** Bytes of a key. */
  static final int BYTES = 32;

  /** The key of images in their order. */
  static PackedKey of(Images images) {
    MessageDigest digest = sha256();
    ByteBuffer numbers = ByteBuffer.allocate(2 * Long.BYTES + 2 * Integer.BYTES);
    for (Images.Image image : images.list()) {
      byte[] name = image.file().name().getBytes(StandardCharsets.UTF_8);
      numbers.clear();
      numbers.putLong(image.file().bytes()).putLong(image.file().stamp());
      numbers.putInt(image.label()).putInt(name.length);
      digest.update(numbers.array());
      digest.update(name);
    }
    return new PackedKey(HexFormat.of().formatHex(digest.digest()));
  }

  /** The key of a text. */
  static PackedKey of(String text) {
    byte[] hash = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return new PackedKey(HexFormat.of().formatHex(hash));
  }

  /** The SHA-256. */
  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
