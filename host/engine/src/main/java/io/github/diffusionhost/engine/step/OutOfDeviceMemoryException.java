package io.github.diffusionhost.engine.step;

import ai.djl.engine.EngineException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The device has no room for the arrays of a step. The message says what was asked for, what a step
 * takes, and how many images at a time would fit.
 */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final double GIBIBYTE = 1 << 30;

  private static final List<Pattern> ASKED =
      List.of(
          Pattern.compile("tried to allocate (\\d+) bytes"),
          Pattern.compile("Tried to allocate ([\\d.]+ (?:bytes|[KMGT]iB))"));

  /** As libraries say it that do not say how much they asked for. */
  private static final Pattern UNSAID =
      Pattern.compile(
          "std::bad_alloc|CUDA error: out of memory|CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED");

  /** As PyTorch's allocator says it. */
  private static final Pattern ON_GPU =
      Pattern.compile(
          "GPU (\\d+) has a total capacity of ([\\d.]+ [KMGT]iB) of which ([\\d.]+ (?:bytes|[KMGT]iB)) is free");

  /**
   * Says how much a step takes.
   *
   * @param micro images at a time
   * @param needed what a step then takes
   * @param fitting how many of them would fit; null if not even one does
   * @param room what there is for it; {@link Long#MAX_VALUE} if that is not known
   * @param cause what PyTorch said
   */
  OutOfDeviceMemoryException(
      int micro,
      StepMemory needed,
      MicroBatch.@Nullable Fitting fitting,
      long room,
      EngineException cause) {
    super(
        String.format(
            Locale.ROOT,
            "%s; a step takes about %,d MiB with %d images at a time%s: %s",
            asked(cause).orElseThrow(),
            mebibytes(needed.bytes()),
            micro,
            // Of a limit that is not known the room says nothing.
            room > needed.bytes()
                ? ""
                : String.format(Locale.ROOT, ", and there is room for %,d MiB", mebibytes(room)),
            fitting == null
                ? "not even one image at a time would fit; a smaller network does, or another device"
                : String.format(
                    Locale.ROOT,
                    "--set train.microBatchSize=%d takes about %,d MiB",
                    fitting.images(),
                    mebibytes(fitting.bytes()))),
        cause);
  }

  private OutOfDeviceMemoryException(String message, OutOfDeviceMemoryException cause) {
    super(message, cause);
  }

  /** The same with what is there of the training. */
  public OutOfDeviceMemoryException with(String kept) {
    return new OutOfDeviceMemoryException(getMessage() + "; " + kept, this);
  }

  /**
   * What was asked for and what is there, in words, where an exception says that memory ran out;
   * else empty.
   */
  public static Optional<String> asked(Throwable e) {
    String message = Objects.requireNonNullElse(e.getMessage(), "");
    for (Pattern pattern : ASKED) {
      Matcher asked = pattern.matcher(message);
      if (asked.find()) {
        Matcher there = ON_GPU.matcher(message);
        return Optional.of(
            amount(asked.group(1))
                + " for an array"
                + (there.find()
                    ? ", and of the %s of GPU %s %s is free"
                        .formatted(there.group(2), there.group(1), there.group(3))
                    : ""));
      }
    }
    return UNSAID.matcher(message).find() ? Optional.of("no room for an array") : Optional.empty();
  }

  private static String amount(String said) {
    if (!said.chars().allMatch(Character::isDigit)) {
      return said;
    }
    double bytes = Double.parseDouble(said);
    return bytes < GIBIBYTE
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (1 << 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / GIBIBYTE);
  }

  private static long mebibytes(long bytes) {
    return bytes >> 20;
  }
}
