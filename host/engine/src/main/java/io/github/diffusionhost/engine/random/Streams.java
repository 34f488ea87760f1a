package io.github.diffusionhost.engine.random;

/**
 * Seeds of independent random streams: one for each purpose and place, so that a draw depends on
 * nothing that was drawn before it.
 *
 * <p>The place's numbers are folded in one by one with the finalizer of SplitMix64 (Steele, Lea and
 * Flood 2014, variant 13 by Stafford).
 */
public final class Streams {
  /** What draws are for. */
  public enum Purpose {
    WEIGHTS(1),
    SCHEDULER_WEIGHTS(2),
    ORDER(3),
    LOSS(4),
    AUGMENTATION(5),
    LABEL_DROPOUT(6),
    SAMPLE_START(7),
    SAMPLER(8),
    METRIC(9);

    // Part of every seed: a changed number is another run.
    private final int number;

    Purpose(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Streams() {}

  /** The seed of one stream. */
  public static long seed(long seed, Purpose purpose, long... place) {
    long mixed = mix(seed + GOLDEN * purpose.number);
    for (long number : place) {
      mixed = mix(mixed + GOLDEN * (number + 1));
    }
    return mixed;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
