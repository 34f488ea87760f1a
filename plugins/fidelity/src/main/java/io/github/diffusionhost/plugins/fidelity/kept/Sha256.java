package io.github.diffusionhost.plugins.fidelity.kept;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal, fed piece by piece. */
public final class Sha256 {
  private static final int BUFFER = 1 << 20;

  private final MessageDigest digest;

  /** Of nothing yet. */
  public Sha256() {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The digest of a file. */
  public static String of(Path file) throws IOException {
    Sha256 sha256 = new Sha256();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        sha256.digest.update(buffer, 0, read);
      }
    }
    return sha256.hex();
  }

  /** Adds bytes. */
  public Sha256 add(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds what is left in the buffer. */
  public Sha256 add(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds a number. */
  public Sha256 add(long number) {
    return add(ByteBuffer.allocate(Long.BYTES).putLong(0, number).array());
  }

  /** The digest; nothing can be added afterwards. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
