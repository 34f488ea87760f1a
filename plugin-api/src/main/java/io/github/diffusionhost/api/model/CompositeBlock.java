package io.github.diffusionhost.api.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A DJL block whose parts know their sizes when they are made, so that no shapes need inferring:
 * name each child with the shape that it will see, and each parameter with its own.
 *
 * <p>Names matter: {@link ParameterNames} joins them with dots to the names in checkpoint files.
 */
public abstract class CompositeBlock extends AbstractBlock {
  private final Map<Block, Shape[]> childShapes = new LinkedHashMap<>();

  /** For a block without DJL's own serialization; checkpoints are safetensors. */
  protected CompositeBlock() {
    super((byte) 1);
  }

  /**
   * Adds a child.
   *
   * @param shapes the shapes that the child will see, any batch size
   */
  protected final <B extends Block> B child(String name, B block, Shape... shapes) {
    childShapes.put(block, shapes);
    return addChildBlock(name, block);
  }

  /**
   * Adds a parameter of the given shape.
   *
   * @param type {@code RUNNING_MEAN} and {@code RUNNING_VAR} are not trained; see {@link
   *     Forward#update}
   */
  protected final Parameter parameter(
      String name, Parameter.Type type, Initializer initializer, Shape shape) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(type)
            .optInitializer(initializer)
            .optShape(shape)
            .optRequiresGrad(
                type != Parameter.Type.RUNNING_MEAN && type != Parameter.Type.RUNNING_VAR)
            .build());
  }

  /** Adds numbers that are drawn or given once and never trained: fixed random frequencies. */
  protected final Parameter constant(String name, Initializer initializer, Shape shape) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.OTHER)
            .optInitializer(initializer)
            .optShape(shape)
            .optRequiresGrad(false)
            .build());
  }

  /** Computes the outputs. */
  protected abstract NDList forward(Forward pass, NDList inputs);

  @Override
  protected final NDList forwardInternal(
      ParameterStore parameters, NDList inputs, boolean training, PairList<String, Object> params) {
    return forward(new Forward(parameters, training, params), inputs);
  }

  @Override
  protected final void initializeChildBlocks(
      NDManager manager, DataType dataType, Shape... shapes) {
    childShapes.forEach((block, inputs) -> block.initialize(manager, dataType, inputs));
  }

  /** The shape of the first input; override where the output has another. */
  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return new Shape[] {shapes[0]};
  }
}
