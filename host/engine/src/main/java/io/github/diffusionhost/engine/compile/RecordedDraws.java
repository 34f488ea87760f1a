package io.github.diffusionhost.engine.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.List;

/** Draws that become inputs of a program. */
public final class RecordedDraws implements Noise {
  /** What a draw is for. */
  public enum Stream {
    AUGMENTATION,
    LOSS
  }

  /** What is drawn. */
  sealed interface Kind {
    /** Draws. */
    NDArray from(Noise noise, Shape shape);

    /** {@link Noise#normal}. */
    record Normal() implements Kind {
      @Override
      public NDArray from(Noise noise, Shape shape) {
        return noise.normal(shape);
      }
    }

    /** {@link Noise#uniform}. */
    record Uniform() implements Kind {
      @Override
      public NDArray from(Noise noise, Shape shape) {
        return noise.uniform(shape);
      }
    }

    /** {@link Noise#bernoulli}. */
    record Bernoulli(double probability) implements Kind {
      @Override
      public NDArray from(Noise noise, Shape shape) {
        return noise.bernoulli(shape, probability);
      }
    }
  }

  /**
   * One draw.
   *
   * @param stream which of the step's two streams
   * @param kind what is drawn
   * @param value the input
   */
  public record Draw(Stream stream, Kind kind, Value value) {
    /** The array for a number of images. */
    public NDArray from(Noise noise, long images) {
      return kind.from(noise, shape(images));
    }

    /** Its shape for a number of images. */
    private Shape shape(long images) {
      return new Shape(value.type().shape().stream().mapToLong(dim -> dim.at(images)).toArray());
    }
  }

  private final Recording recording;
  private final NDManager manager;
  private final Stream stream;
  private final List<Draw> draws;

  /**
   * Records.
   *
   * @param draws where each draw is noted, in order
   */
  RecordedDraws(Recording recording, NDManager manager, Stream stream, List<Draw> draws) {
    this.recording = recording;
    this.manager = manager;
    this.stream = stream;
    this.draws = draws;
  }

  @Override
  public NDArray normal(Shape shape) {
    return draw(shape, new Kind.Normal(), DataType.FLOAT32);
  }

  @Override
  public NDArray uniform(Shape shape) {
    return draw(shape, new Kind.Uniform(), DataType.FLOAT32);
  }

  @Override
  public NDArray bernoulli(Shape shape, double probability) {
    return draw(shape, new Kind.Bernoulli(probability), DataType.UINT8);
  }

  private NDArray draw(Shape shape, Kind kind, DataType type) {
    NDArray example = manager.full(shape, 0.5f, DataType.FLOAT32).toType(type, false);
    NDArray input = recording.input(example);
    draws.add(new Draw(stream, kind, recording.value(input)));
    return input;
  }
}
