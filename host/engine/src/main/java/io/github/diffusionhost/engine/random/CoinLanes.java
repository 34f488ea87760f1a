package io.github.diffusionhost.engine.random;

/** Four coins at a time, from four numbers of 16 bits in one of 64. */
final class CoinLanes {
  private static final long LOWEST = 0x0001000100010001L;
  private static final long HIGHEST = LOWEST << 15;

  private CoinLanes() {}

  /** A limit in [0, 65535] as {@link #below} takes it: in every lane. */
  static long lanes(int limit) {
    return limit * LOWEST;
  }

  /**
   * Which lanes hold a number below the limit.
   *
   * @return in byte i of the lowest four 1 where lane i, counted from the lowest bits, does, else 0
   */
  static long below(long numbers, long limit) {
    // The borrow of each lane's difference, none of which reaches the next lane (Hacker's Delight,
    // 2-18).
    long difference = ((numbers | HIGHEST) - (limit & ~HIGHEST)) ^ ((numbers ^ ~limit) & HIGHEST);
    long borrow = (~numbers & limit) | (~(numbers ^ limit) & difference);
    long coins = (borrow & HIGHEST) >>> 15;
    coins |= coins >>> 8;
    return (coins & 0xFFFFL) | ((coins >>> 16) & 0xFFFF0000L);
  }
}
