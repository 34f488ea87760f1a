package io.github.diffusionhost.engine.step;

import ai.djl.ndarray.NDArray;
import io.github.diffusionhost.engine.compile.StepProgram;
import io.github.diffusionhost.engine.program.PeakMemory;
import io.github.diffusionhost.engine.program.Value;
import io.github.diffusionhost.engine.schedule.Ema;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The memory that a compiled step takes on its device, counted from its program before anything is
 * computed, in bytes. What operators take for themselves while they work, the images of the dataset
 * and what allocators lose in holes are not in it.
 *
 * @param weights the network's
 * @param moments what the optimizer keeps of them
 * @param averages the running averages
 * @param shared functions of weights, which are kept while the parts of a batch pass
 * @param gradients the sum of the parts' gradients, while a further part passes; 0 if there is one
 * @param part at most, of the tensors that one part of a batch goes through; its gradients are some
 */
public record StepMemory(
    long weights, long moments, long averages, long shared, long gradients, long part) {
  /** Of a step whose parts have so many images. */
  static StepMemory of(TrainingSetup setup, StepProgram program, int microBatch) {
    boolean parts = microBatch < setup.batchSize();
    return new StepMemory(
        bytes(setup.network().weights().values().values()),
        bytes(setup.optimizer().arrays().values()),
        setup.averages().stream()
            .map(Ema::weights)
            .mapToLong(w -> bytes(w.values().values()))
            .sum(),
        shared(program),
        parts ? gradients(program) : 0,
        PeakMemory.bytes(program.part(), microBatch));
  }

  /** All of it. */
  public long bytes() {
    return weights + moments + averages + shared + gradients + part;
  }

  private static long gradients(StepProgram program) {
    return program.functions().seeds().stream().mapToLong(seed -> PeakMemory.size(seed, 1)).sum();
  }

  /** What is handed from the functions of weights to the parts, each tensor once. */
  private static long shared(StepProgram program) {
    Set<Value> kept = new LinkedHashSet<>(program.stages().handedOver(program.program().outputs()));
    kept.addAll(program.results());
    kept.addAll(program.shared().handedOver(program.functions().gradients().values()));
    kept.removeAll(program.weights().values());
    return kept.stream().mapToLong(value -> PeakMemory.size(value, 1)).sum();
  }

  private static long bytes(Collection<NDArray> arrays) {
    return arrays.stream().mapToLong(a -> a.size() * a.getDataType().getNumOfBytes()).sum();
  }
}
