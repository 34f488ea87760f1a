package io.github.diffusionhost.engine.random;

/**
 * Two standard normal numbers from two words, by the method of Box and Muller (1958): √(−2 ln u)
 * times cosine and sine of 2πv, with u = (word + ½) / 2³² and v = word / 2³².
 *
 * <p>Logarithm, sine and cosine are looked up for a point close by, and carried from there by a few
 * terms of their series (as Tang 1990 does for the logarithm): in double precision, with an error
 * below 10⁻⁹ before a number is rounded to float32. Nothing but sums, products and square roots is
 * left to the machine, so that every one gives the same bits.
 */
final class BoxMuller {
  private static final long WORD = 0xFFFFFFFFL;

  private static final int LOG_BITS = 7;
  private static final int MANTISSA_BITS = 52;
  private static final long MANTISSA = (1L << MANTISSA_BITS) - 1;
  private static final long ONE = Double.doubleToRawLongBits(1);

  /** The exponent of 2³² as doubles hold it. */
  private static final int EXPONENT = 1023 + Integer.SIZE;

  private static final double MINUS_TWO_LN_2 = -2 * StrictMath.log(2);

  /** For each of 2⁷ parts of [1, 2): 1 / c for its middle c, and −2 ln c. */
  private static final double[] LOGS = logs();

  private static final int TURN_BITS = 8;
  private static final int REST_BITS = Integer.SIZE - TURN_BITS;
  private static final int REST = (1 << REST_BITS) - 1;
  private static final int HALF_REST = 1 << (REST_BITS - 1);
  private static final double WORD_OF_TURN = 2 * Math.PI * 0x1p-32;

  /** For each of 2⁸ parts of a turn: cosine and sine of its middle. */
  private static final double[] TURNS = turns();

  private BoxMuller() {}

  private static double[] logs() {
    double[] logs = new double[2 << LOG_BITS];
    for (int i = 0; i < logs.length; i += 2) {
      double middle = 1 + (i + 1) * 0.5 / (1 << LOG_BITS);
      logs[i] = 1 / middle;
      logs[i + 1] = 2 * StrictMath.log(logs[i]);
    }
    return logs;
  }

  private static double[] turns() {
    double[] turns = new double[2 << TURN_BITS];
    for (int i = 0; i < turns.length; i += 2) {
      double angle = Math.PI * (i + 1) / (1 << TURN_BITS);
      turns[i] = StrictMath.cos(angle);
      turns[i + 1] = StrictMath.sin(angle);
    }
    return turns;
  }

  /**
   * Puts pairs of normal numbers in the place of pairs of words.
   *
   * @param pairs that of u is the lower half of a number, and gets the cosine's
   */
  static void normal(long[] pairs, int count) {
    for (int i = 0; i < count; i++) {
      double radius = Math.sqrt(minusTwoLog(pairs[i] & WORD));
      int turn = (int) (pairs[i] >>> Integer.SIZE);
      int part = (turn >>> REST_BITS) * 2;
      double x = ((turn & REST) - HALF_REST) * WORD_OF_TURN;
      double square = x * x;
      double sin = x * (1 - square * (1. / 6));
      double cos = 1 - square * (0.5 - square * (1. / 24));
      pairs[i] =
          PackedBytes.pair(
              (float) (radius * (TURNS[part] * cos - TURNS[part + 1] * sin)),
              (float) (radius * (TURNS[part + 1] * cos + TURNS[part] * sin)));
    }
  }

  /** −2 ln((word + ½) / 2³²). */
  private static double minusTwoLog(long word) {
    long bits = Double.doubleToRawLongBits(word + 0.5);
    int part = (int) (bits >>> (MANTISSA_BITS - LOG_BITS)) & ((1 << LOG_BITS) - 1);
    double x = Double.longBitsToDouble((bits & MANTISSA) | ONE) * LOGS[2 * part] - 1;
    double log = x * (1 - x * (0.5 - x * (1. / 3 - x * 0.25)));
    return ((int) (bits >>> MANTISSA_BITS) - EXPONENT) * MINUS_TWO_LN_2
        + (LOGS[2 * part + 1] - 2 * log);
  }
}
