package io.github.diffusionhost.engine.data;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of the pixels of all images in their order, then of all labels. */
final class ImageDigest {
  private final MessageDigest digest;

  ImageDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds the pixels of the next images. */
  void add(byte[] pixels) {
    digest.update(pixels);
  }

  /** Adds the labels; the digest in hexadecimal. */
  String finish(Labels labels) {
    labels.addTo(digest);
    return HexFormat.of().formatHex(digest.digest());
  }
}
