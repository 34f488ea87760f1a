package io.github.diffusionhost.engine.script;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What can be seen of a TorchScript file before PyTorch reads it. Its parser goes one deeper for
 * each bracket, and the stack ends: code that nests too deeply ends the process.
 */
final class ScriptBounds {
  /** PyTorch itself writes expressions a few deep; blocks as deep as the author's own code. */
  private static final int DEEPEST = 250;

  private static final int MOST_ENTRIES = 200_000;
  private static final long MOST_CODE = 64L << 20;
  private static final int SPACES_A_BLOCK = 2;

  private ScriptBounds() {}

  /**
   * Refuses what PyTorch cannot take.
   *
   * @throws IOException if the file is no TorchScript, or too large or deep; the message says which
   */
  static void check(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file + ": there is no such file");
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.size() > MOST_ENTRIES) {
        throw refused(file, String.format(Locale.ROOT, "has %d entries", zip.size()));
      }
      List<? extends ZipEntry> code =
          zip.stream().filter(entry -> entry.getName().contains("/code/")).toList();
      if (code.isEmpty()) {
        throw new IOException(
            file + " holds no code: save the network with torch.jit.save, not torch.save");
      }
      long left = MOST_CODE;
      for (ZipEntry entry : code) {
        try (InputStream in = zip.getInputStream(entry)) {
          // What is read counts, and not what the entry says.
          byte[] bytes = in.readNBytes((int) Math.min(left + 1, Integer.MAX_VALUE - 8));
          left -= bytes.length;
          if (left < 0) {
            throw refused(
                file, String.format(Locale.ROOT, "has more than %d MB of code", MOST_CODE >> 20));
          }
          if (entry.getName().endsWith(".py") && depth(bytes) > DEEPEST) {
            throw refused(
                file,
                String.format(
                    Locale.ROOT,
                    "nests brackets, blocks or signs more than %d deep in %s",
                    DEEPEST,
                    entry.getName()));
          }
        }
      }
    } catch (ZipException e) {
      throw new IOException(
          file + " is no TorchScript file: save the network with torch.jit.save", e);
    }
  }

  private static IOException refused(Path file, String what) {
    return new IOException(
        "%s is not opened: it %s, which no network has and PyTorch would not survive"
            .formatted(file, what));
  }

  /** Of brackets, blocks and signs before a value. Brackets in texts count: they close there. */
  static int depth(byte[] code) {
    int deepest = 0;
    int brackets = 0;
    int signs = 0;
    int indent = 0;
    boolean indenting = true;
    for (byte character : code) {
      if (character == '\n') {
        indenting = true;
        indent = 0;
        signs = 0;
        continue;
      }
      if (indenting && character == ' ') {
        indent++;
        continue;
      }
      indenting = false;
      switch (character) {
        case '(', '[', '{' -> brackets++;
        case ')', ']', '}' -> brackets = Math.max(0, brackets - 1);
        case '-', '~', '+' -> signs++;
        case ' ' -> {}
        default -> signs = 0;
      }
      deepest = Math.max(deepest, brackets + signs + indent / SPACES_A_BLOCK);
    }
    return deepest;
  }
}
