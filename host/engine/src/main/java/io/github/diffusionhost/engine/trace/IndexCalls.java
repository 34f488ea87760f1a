package io.github.diffusionhost.engine.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.index.dim.NDIndexTake;
import io.github.diffusionhost.engine.program.Argument;
import java.util.List;

/** What indexing records, one dimension after the other. */
final class IndexCalls {
  private IndexCalls() {}

  static NDArray get(Traced x, NDIndex index) {
    List<NDIndexElement> elements = index.getIndices();
    requireOneArray(elements);
    int ellipsis = index.getEllipsisIndex();
    int missing = x.real().getShape().dimension() - elements.size();
    Traced current = x;
    int axis = 0;
    for (int i = 0; i < elements.size(); i++) {
      if (i == ellipsis) {
        axis += missing;
      }
      NDIndexElement element = elements.get(i);
      if (element instanceof NDIndexFixed fixed) {
        current = select(current, axis, fixed.getIndex());
      } else if (element instanceof NDIndexSlice slice) {
        current = slice(current, axis++, slice);
      } else if (element instanceof NDIndexTake take) {
        current = take(current, axis++, take.getIndex());
      } else if (element instanceof NDIndexAll) {
        axis++;
      } else {
        throw new NotTraceableException(
            "NDArray.get with " + element.getClass().getSimpleName() + " cannot be recorded");
      }
    }
    return current.proxy();
  }

  /** An index array together with other indices selects points, not rows and columns. */
  private static void requireOneArray(List<NDIndexElement> elements) {
    boolean array = elements.stream().anyMatch(NDIndexTake.class::isInstance);
    long selecting =
        elements.stream()
            .filter(e -> e instanceof NDIndexTake || e instanceof NDIndexFixed)
            .count();
    if (array && selecting > 1) {
      throw new NotTraceableException(
          "NDArray.get with an index array and another index cannot be recorded");
    }
  }

  private static Traced select(Traced x, int axis, long at) {
    long size = x.real().getShape().get(axis);
    long from = at < 0 ? at + size : at;
    NDArray real = x.real().get(new NDIndex().addAllDim(axis).addIndices(from));
    return traced(
        x,
        x.recording()
            .recordView("aten::select", x, real, x.value(), Argument.of(axis), Argument.of(at)));
  }

  private static Traced slice(Traced x, int axis, NDIndexSlice slice) {
    long size = x.real().getShape().get(axis);
    long from = clamp(slice.getMin() == null ? 0 : slice.getMin(), size);
    long to = clamp(slice.getMax() == null ? size : slice.getMax(), size);
    long step = slice.getStep() == null ? 1 : slice.getStep();
    NDArray real = x.real().get(new NDIndex().addAllDim(axis).addSliceDim(from, to, step));
    return traced(
        x,
        x.recording()
            .recordView(
                "aten::slice",
                x,
                real,
                x.value(),
                Argument.of(axis),
                Argument.of(from),
                Argument.of(to),
                Argument.of(step)));
  }

  private static Traced take(Traced x, int axis, NDArray index) {
    Traced at = x.recording().traced(index);
    if (at.real().getShape().dimension() != 1) {
      throw new NotTraceableException(
          "NDArray.get with an index of shape " + at.real().getShape() + " cannot be recorded");
    }
    NDArray real = x.real().get(new NDIndex().addAllDim(axis).addIndices("{}", at.real()));
    return traced(
        x,
        x.recording().record("aten::index_select", real, x.value(), Argument.of(axis), at.value()));
  }

  private static long clamp(long at, long size) {
    return Math.max(0, Math.min(at < 0 ? at + size : at, size));
  }

  private static Traced traced(Traced x, NDArray proxy) {
    return x.recording().traced(proxy);
  }
}
