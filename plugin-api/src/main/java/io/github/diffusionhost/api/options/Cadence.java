package io.github.diffusionhost.api.options;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often something is done in a training: every so many steps, images or epochs. A config writes
 * {@code 1000}, {@code 50_000 images}, {@code 0.5 epochs}.
 *
 * <p>Of images and epochs it is done after the first step by which another so many images have been
 * seen: a cadence of 100 images with batches of 64 is due after steps 2, 4, 5, 7, …
 *
 * @param amount from 0, which is never; whole for steps and images
 * @param unit what is counted
 */
public record Cadence(BigDecimal amount, Unit unit) {
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final Pattern WRITTEN =
      Pattern.compile(
          "\\s*(\\d+(?:_\\d+)*(?:\\.\\d+)?(?:[eE][-+]?\\d{1,2})?)\\s*(step|image|epoch|)s?\\s*");

  /** What a config may write, as a pattern of JSON schemas. */
  public static final String PATTERN =
      "^[0-9]+(_[0-9]+)*(\\.[0-9]+)?([eE][-+]?[0-9]{1,2})?( *(steps?|images?|epochs?))?$";

  /** What is counted. */
  public enum Unit {
    STEPS,
    IMAGES,
    EPOCHS
  }

  /**
   * Checks the amount.
   *
   * @throws IllegalArgumentException if it is below 0, not whole where it must be, or huge
   */
  public Cadence {
    amount = amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros();
    if (amount.signum() < 0 || amount.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(amount + " is not from 0 to " + MOST);
    }
    if (unit != Unit.EPOCHS && amount.scale() > 0) {
      throw new IllegalArgumentException(
          amount.toPlainString() + " is no whole number of " + word(unit));
    }
  }

  /** Every so many steps; 0 for never. */
  public static Cadence steps(long steps) {
    return new Cadence(BigDecimal.valueOf(steps), Unit.STEPS);
  }

  /** Every so many images; 0 for never. */
  public static Cadence images(long images) {
    return new Cadence(BigDecimal.valueOf(images), Unit.IMAGES);
  }

  /**
   * What a config has written.
   *
   * @param otherwise what a number without a word counts
   * @throws IllegalArgumentException if it is no cadence
   */
  public static Cadence parse(String text, Unit otherwise) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches() || (written.group(2).isEmpty() && text.strip().endsWith("s"))) {
      throw new IllegalArgumentException(text + " is not how often something is done");
    }
    Unit unit =
        switch (written.group(2)) {
          case "step" -> Unit.STEPS;
          case "image" -> Unit.IMAGES;
          case "epoch" -> Unit.EPOCHS;
          default -> otherwise;
        };
    return new Cadence(new BigDecimal(written.group(1).replace("_", "")), unit);
  }

  /** Whether it never comes. */
  public boolean never() {
    return amount.signum() == 0;
  }

  /**
   * Whether it is time, after a step.
   *
   * @param step how many steps have been done, from 1
   * @param batchSize images of a step
   * @param datasetSize images of an epoch
   */
  public boolean due(long step, int batchSize, long datasetSize) {
    return !never()
        && times(step, batchSize, datasetSize).compareTo(times(step - 1, batchSize, datasetSize))
            > 0;
  }

  /** How often it has come by a step. */
  private BigDecimal times(long step, int batchSize, long datasetSize) {
    BigDecimal steps = BigDecimal.valueOf(step);
    BigDecimal seen = unit == Unit.STEPS ? steps : steps.multiply(BigDecimal.valueOf(batchSize));
    BigDecimal each =
        unit == Unit.EPOCHS ? amount.multiply(BigDecimal.valueOf(datasetSize)) : amount;
    return seen.divide(each, 0, RoundingMode.FLOOR);
  }

  /** As a config writes it: the amount alone for steps and for never. */
  @Override
  public String toString() {
    String number = amount.toPlainString();
    if (unit == Unit.STEPS || never()) {
      return number;
    }
    boolean one = amount.compareTo(BigDecimal.ONE) == 0;
    String words = word(unit);
    return number + " " + (one ? words.substring(0, words.length() - 1) : words);
  }

  private static String word(Unit unit) {
    return unit.name().toLowerCase(Locale.ROOT);
  }
}
