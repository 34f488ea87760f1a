package io.github.diffusionhost.engine.random;

/**
 * Coins of 16 bits, four from each number of 64, the lowest bits first: 1 where they are below a
 * limit. Their lanes are compared side by side, in loops without branches that the JVM makes wider
 * still.
 */
final class CoinLanes {
  /** From a number. */
  static final int COINS = 4;

  private static final long LOWEST = 0x0001000100010001L;
  private static final long HIGHEST = LOWEST << 15;
  private static final int HALF = 1 << 15;

  /** The limit's distance from the half that it lies in, in every lane. */
  private final long limit;

  /** All bits where the limit lies in the lower half. */
  private final long lower;

  /**
   * Coins of one probability.
   *
   * @param limit in [0, 65536]
   */
  CoinLanes(int limit) {
    this.limit = (limit < HALF ? limit : limit - HALF) * LOWEST;
    this.lower = limit < HALF ? -1 : 0;
  }

  /**
   * Tosses coins: eight of them, one a byte, then stand in each number of the first half.
   *
   * @param numbers an even length
   * @param used how many of them are tossed
   */
  void toss(long[] numbers, int used) {
    compare(numbers, used);
    int packed = (used + 1) / 2;
    for (int i = 0; i < packed; i++) {
      numbers[i] = numbers[2 * i] | numbers[2 * i + 1] << Integer.SIZE;
    }
  }

  /** Leaves each number's four coins in its lowest four bytes. */
  private void compare(long[] numbers, int used) {
    long limit = this.limit;
    long lower = this.lower;
    for (int i = 0; i < used; i++) {
      long number = numbers[i];
      // In each lane's highest bit: whether the bits below it reach the limit's; no lane borrows.
      long reach = (number | HIGHEST) - limit;
      long atLeast = (number & reach) | ((number | reach) & lower);
      long coins = (~atLeast & HIGHEST) >>> 15;
      coins |= coins >>> 8;
      numbers[i] = (coins & 0xFFFFL) | ((coins >>> 16) & 0xFFFF0000L);
    }
  }
}
