package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;

/**
 * Draws that are functions of a key and of where they stand: images at places, draws by number.
 * Element j of the draw with a tag at a place is made of word j of the {@link Philox} blocks with
 * counters (0, 1, …; tag; place), whatever else is drawn, and wherever.
 */
public interface CounterDraws {
  /**
   * Uniform numbers in [0, 1) of 24 bits: the upper ones of a word.
   *
   * @param places one for each image
   * @param tag the second word of counters
   * @param each elements of an image
   * @return [places · each] float32
   */
  NDArray uniform(long[] places, int tag, int each);

  /**
   * Standard normal numbers, two from two words by the method of Box and Muller (1958): √(−2 ln u)
   * times cosine and sine of 2πv, with u = (word + ½) / 2³² and v = word / 2³². The largest is 6.8.
   *
   * @return [places · each] float32
   */
  NDArray normal(long[] places, int tag, int each);

  /**
   * Coins of 16 bits, two from a word, the lower half first: 1 where they are below a limit.
   *
   * @param limit in [0, 65536]
   * @return [places · each] uint8
   */
  NDArray coins(long[] places, int tag, int each, int limit);
}
