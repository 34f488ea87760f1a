package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.ops.Ops;
import io.github.diffusionhost.api.ops.OpsKernels;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link Ops} records: one operator where PyTorch has one. */
record KernelCalls(Recording recording) implements OpsKernels {
  @Override
  public NDArray silu(NDArray x) {
    return recording.record("aten::silu", Ops.silu(Recording.real(x)), value(x));
  }

  @Override
  public NDArray layerNorm(NDArray x, float eps) {
    NDArray real = Ops.layerNorm(Recording.real(x), eps);
    Shape shape = real.getShape();
    return layerNorm(
        recording,
        recording.traced(x),
        real,
        shape.slice(shape.dimension() - 1),
        Argument.Marker.NONE,
        Argument.Marker.NONE,
        eps);
  }

  @Override
  public NDArray rmsNorm(NDArray x, @Nullable NDArray weight, float eps) {
    NDArray real =
        Ops.rmsNorm(Recording.real(x), weight == null ? null : Recording.real(weight), eps);
    TensorType type = recording.traced(x).value().type();
    TensorType scaled = TensorType.of(real);
    List<Value> outputs =
        recording.add(
            "host::rms_norm",
            List.of(scaled, type.with(-1, Dim.of(1)).as(DataType.FLOAT32)),
            value(x),
            weight == null ? Argument.Marker.NONE : value(weight),
            Argument.of(eps));
    return recording.proxy(real, outputs.get(0), Storage.fresh());
  }

  @Override
  public NDArray groupNorm(
      NDArray x, int groups, @Nullable NDArray weight, @Nullable NDArray bias, float eps) {
    NDArray real =
        Ops.groupNorm(
            Recording.real(x),
            groups,
            weight == null ? null : Recording.real(weight),
            bias == null ? null : Recording.real(bias),
            eps);
    TensorType type = TensorType.of(real);
    // The kernel refuses views whose elements are not in order.
    Value whole = recording.add("aten::contiguous", type, value(x));
    TensorType statistics = TensorType.of(DataType.FLOAT32, real.getShape().get(0), groups);
    List<Value> outputs =
        recording.add(
            "aten::native_group_norm",
            List.of(type, statistics, statistics),
            whole,
            weight == null ? Argument.Marker.NONE : value(weight),
            bias == null ? Argument.Marker.NONE : value(bias),
            new Argument.Size(type.dim(0)),
            new Argument.Size(type.dim(1)),
            new Argument.Size(type.product(2, type.rank())),
            Argument.of((long) groups),
            Argument.of(eps));
    return recording.proxy(real, outputs.get(0), Storage.fresh());
  }

  @Override
  public NDArray scaledDotProductAttention(NDArray q, NDArray k, NDArray v) {
    NDArray real =
        Ops.scaledDotProductAttention(Recording.real(q), Recording.real(k), Recording.real(v));
    return recording.record("host::attention", real, value(q), value(k), value(v));
  }

  @Override
  public NDArray rotate(NDArray x, NDArray cos, NDArray signedSin) {
    NDArray real = Ops.rotate(Recording.real(x), Recording.real(cos), Recording.real(signedSin));
    return recording.record("host::rotate", real, value(x), value(cos), value(signedSin));
  }

  @Override
  public NDArray upsampleNearest(NDArray x, int factor) {
    NDArray real = Ops.upsampleNearest(Recording.real(x), factor);
    Shape shape = real.getShape();
    return recording.record(
        "aten::upsample_nearest2d",
        real,
        value(x),
        Argument.of(shape.get(2), shape.get(3)),
        Argument.of((double) factor),
        Argument.of((double) factor));
  }

  static NDArray layerNorm(
      Recording recording,
      Traced x,
      NDArray real,
      Shape normalized,
      Argument weight,
      Argument bias,
      double eps) {
    TensorType type = TensorType.of(real);
    List<Dim> statistics = new ArrayList<>(type.shape());
    for (int i = type.rank() - normalized.dimension(); i < type.rank(); i++) {
      statistics.set(i, Dim.of(1));
    }
    TensorType each = type.shaped(statistics).as(DataType.FLOAT32);
    List<Value> outputs =
        recording.add(
            "aten::native_layer_norm",
            List.of(type, each, each),
            x.value(),
            ArrayCalls.sizes(normalized),
            weight,
            bias,
            Argument.of(eps));
    return recording.proxy(real, outputs.get(0), Storage.fresh());
  }

  private Value value(NDArray array) {
    return recording.traced(array).value();
  }
}
