package io.github.diffusionhost.engine.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.trace.Recording;
import java.util.List;

/** Draws that become inputs of a program. */
final class RecordedDraws implements Noise {
  /** What a draw is for. */
  enum Stream {
    AUGMENTATION,
    LOSS
  }

  /**
   * One draw.
   *
   * @param stream which of the step's two streams
   * @param normal normal, or uniform
   * @param value the input
   */
  record Draw(Stream stream, boolean normal, Value value) {
    /** Its shape for a number of images. */
    Shape shape(long images) {
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
    return draw(shape, true);
  }

  @Override
  public NDArray uniform(Shape shape) {
    return draw(shape, false);
  }

  private NDArray draw(Shape shape, boolean normal) {
    NDArray input = recording.input(manager.full(shape, 0.5f, DataType.FLOAT32));
    draws.add(new Draw(stream, normal, recording.value(input)));
    return input;
  }
}
