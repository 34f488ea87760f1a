package io.github.diffusionhost.plugins.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;
import io.github.diffusionhost.api.model.CompositeBlock;
import io.github.diffusionhost.api.model.Forward;

/** One learned row for each label. */
final class LabelTable extends CompositeBlock implements Embedding {
  private final Parameter weight;

  LabelTable(int labels, int width) {
    Shape shape = new Shape(labels, width);
    weight =
        parameter("weight", Parameter.Type.WEIGHT, Parameter.Type.WEIGHT.getInitializer(), shape);
  }

  @Override
  public NDArray embed(Forward pass, NDArray numbers) {
    return numbers
        .getNDArrayInternal()
        .embedding(numbers, pass.value(weight, numbers), SparseFormat.DENSE)
        .singletonOrThrow();
  }

  @Override
  protected NDList forward(Forward pass, NDList inputs) {
    return new NDList(embed(pass, inputs.singletonOrThrow()));
  }
}
