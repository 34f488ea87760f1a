package io.github.diffusionhost.testkit;

import io.github.diffusionhost.api.text.Printable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every reader of bytes that people give: whatever is in them, it returns or throws
 * an error of its own, whose message a terminal can show.
 */
public final class ReaderChecks {
  private static final long SEED = 20_261;
  private static final int LONGEST_MESSAGE = 4_000;

  private ReaderChecks() {}

  /** A reader under test. */
  @FunctionalInterface
  public interface Reader {
    /** Reads bytes from beginning to end, as its users do. */
    void read(byte[] bytes) throws Exception;
  }

  /**
   * Gives a reader damaged copies of a file that it can read, always the same ones.
   *
   * @param what is read, for messages
   * @param sound bytes that are read without an error
   * @param copies how many damaged ones
   * @param own the errors that the reader declares; of no others, also of memory and of the stack,
   *     may one come
   * @throws AssertionError if another one does, or a message is empty, has control characters, or
   *     is longer than a screen; it says which copy
   * @throws Exception if the sound bytes cannot be read
   */
  public static void onlyOwnErrors(
      String what, byte[] sound, int copies, List<Class<? extends Throwable>> own, Reader reader)
      throws Exception {
    reader.read(sound);
    DamagedBytes damaged = new DamagedBytes(sound, SEED);
    int refused = 0;
    for (int i = 0; i < copies; i++) {
      int number = i;
      try {
        reader.read(damaged.copy(i));
      } catch (Throwable e) {
        if (own.stream().noneMatch(kind -> kind.isInstance(e))) {
          throw new AssertionError(
              what + ", damaged copy " + number + ": not its own error: " + e, e);
        }
        checkMessage(what + ", damaged copy " + number, e.getMessage());
        refused++;
      }
    }
    int all = refused;
    Expect.that(all > 0, () -> what + ": none of " + copies + " damaged copies was refused");
  }

  private static void checkMessage(String what, @Nullable String message) {
    if (message == null || message.isBlank()) {
      throw new AssertionError(what + ": an error without a message");
    }
    Expect.that(
        Printable.message(message).equals(message),
        () -> what + ": control characters in: " + Printable.message(message));
    Expect.that(
        message.length() <= LONGEST_MESSAGE,
        () -> what + ": a message of " + message.length() + " characters");
  }
}
