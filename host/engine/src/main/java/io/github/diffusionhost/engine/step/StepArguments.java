package io.github.diffusionhost.engine.step;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.api.noise.Noise;
import io.github.diffusionhost.engine.batch.StepInputs;
import io.github.diffusionhost.engine.compile.RecordedDraws;
import io.github.diffusionhost.engine.compile.StepProgram;
import java.util.ArrayList;
import java.util.List;

/** What the methods of a {@link StepScript} are given of the images that they are for. */
record StepArguments(TrainingSetup setup, StepProgram program) {

  /** Indices, labels and draws of some images of a step, in a new list. */
  List<Object> of(long step, int first, int count) {
    StepInputs inputs = setup.batches().inputs(step, setup.batchSize(), first, count);
    List<NDArray> images = new ArrayList<>();
    List<NDArray> shared = new ArrayList<>();
    for (RecordedDraws.Draw draw : program.draws()) {
      Noise noise =
          draw.stream() == RecordedDraws.Stream.LOSS ? inputs.loss() : inputs.augmentation();
      (StepProgram.perImage(draw) ? images : shared).add(draw.from(noise, count));
    }
    NDArray labels = inputs.labels();
    return new ArrayList<>(
        List.of(inputs.indices(), labels == null ? inputs.indices() : labels, images, shared));
  }
}
