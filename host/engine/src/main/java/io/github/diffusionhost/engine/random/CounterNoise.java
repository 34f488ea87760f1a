package io.github.diffusionhost.engine.random;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.random.Streams.Purpose;

/**
 * A stream of {@link CounterDraws} for each image of a batch, so that the draws of an image do not
 * depend on the others beside it, nor on where they are made. Two images, purposes or draws never
 * share a counter.
 */
public final class CounterNoise implements Noise {
  /** Draws of one stream. */
  private static final int MOST = 1 << 20;

  private static final int PURPOSE_BIT = 20;
  private static final int SHARED = 1 << 30;
  private static final int PROBABILITY_BITS = 16;

  private final CounterDraws draws;
  private final int purpose;
  private final long[] places;
  private final long[] shared;
  private int drawn;

  /**
   * Streams of images.
   *
   * @param places of the images among all that are drawn for; no two the same
   * @param shared the place of what is drawn for all of them together
   */
  public CounterNoise(CounterDraws draws, Purpose purpose, long[] places, long shared) {
    this.draws = draws;
    this.purpose = purpose.number();
    this.places = places.clone();
    this.shared = new long[] {shared};
  }

  @Override
  public NDArray normal(Shape shape) {
    return draw(shape, draws::normal);
  }

  @Override
  public NDArray uniform(Shape shape) {
    return draw(shape, draws::uniform);
  }

  @Override
  public NDArray bernoulli(Shape shape, double probability) {
    int limit = (int) Math.rint(probability * (1 << PROBABILITY_BITS));
    return draw(shape, (where, tag, each) -> draws.coins(where, tag, each, limit));
  }

  /** One kind of draw. */
  @FunctionalInterface
  private interface Draw {
    NDArray of(long[] where, int tag, int each);
  }

  private NDArray draw(Shape shape, Draw draw) {
    if (drawn == MOST) {
      throw new IllegalStateException("more than " + MOST + " draws for one image in one step");
    }
    int tag = drawn++ | purpose << PURPOSE_BIT;
    int size = Math.toIntExact(shape.size());
    boolean own = places.length > 0 && shape.dimension() > 0 && shape.get(0) == places.length;
    NDArray flat =
        own ? draw.of(places, tag, size / places.length) : draw.of(shared, tag | SHARED, size);
    return flat.reshape(shape);
  }
}
