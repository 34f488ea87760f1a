package io.github.diffusionhost.engine.random;

/**
 * The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random
 * numbers: as easy as 1, 2, 3"): four words from a counter of four words and a key of two, by ten
 * rounds, with no state. Different counters under one key give independent words.
 */
final class Philox {
  /** Rounds of a block. */
  static final int ROUNDS = 10;

  /** What the first and the third word of a counter are multiplied with. */
  static final long FIRST_FACTOR = 0xD2511F53L;

  static final long SECOND_FACTOR = 0xCD9E8D57L;

  /** What is added to the words of a key after each round. */
  static final int FIRST_BUMP = 0x9E3779B9;

  static final int SECOND_BUMP = 0xBB67AE85;

  private static final long WORD = 0xFFFFFFFFL;

  private Philox() {}

  /**
   * The words of some counters that differ in their first word.
   *
   * @param words two numbers for each block, in order, from index 0 on: each holds a word in its
   *     lower half and the next one in its upper half
   * @param start the first word of the first counter; that of each next one is higher by one
   * @param blocks how many counters
   * @param second the second word of all counters
   * @param place their third word, the lower half, and their fourth
   * @param key the lower half is its first word
   */
  static void words(long[] words, int start, int blocks, int second, long place, long key) {
    for (int block = 0; block < blocks; block++) {
      // Words are the lower halves of numbers, and what the upper ones hold is not looked at:
      // compilers make more of it than of numbers of 32 bits.
      long c0 = (long) start + block;
      long c1 = second;
      long c2 = place;
      long c3 = place >>> Integer.SIZE;
      long k0 = key;
      long k1 = key >>> Integer.SIZE;
      for (int round = 0; round < ROUNDS; round++) {
        long first = (c0 & WORD) * FIRST_FACTOR;
        long third = (c2 & WORD) * SECOND_FACTOR;
        c0 = (third >>> Integer.SIZE) ^ c1 ^ k0;
        c1 = third;
        c2 = (first >>> Integer.SIZE) ^ c3 ^ k1;
        c3 = first;
        k0 += FIRST_BUMP;
        k1 += SECOND_BUMP;
      }
      words[2 * block] = (c0 & WORD) | c1 << Integer.SIZE;
      words[2 * block + 1] = (c2 & WORD) | c3 << Integer.SIZE;
    }
  }
}
