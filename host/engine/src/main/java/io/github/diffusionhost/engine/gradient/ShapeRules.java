package io.github.diffusionhost.engine.gradient;

import ai.djl.ndarray.types.DataType;
import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Dim;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.TensorType;
import io.github.diffusionhost.engine.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Gradients of operators that rearrange or select elements. */
final class ShapeRules {
  private ShapeRules() {}

  static void register(Map<String, Rule> rules) {
    rules.put(
        "aten::reshape", (n, g, b) -> b.give(n.input(0), b.reshape(g, n.input(0).type().shape())));
    rules.put("aten::expand", (n, g, b) -> b.give(n.input(0), g));
    rules.put("aten::permute", ShapeRules::permute);
    rules.put(
        "aten::transpose",
        (n, g, b) ->
            b.give(
                n.input(0),
                b.add(n.op(), n.input(0).type(), g, n.arguments().get(1), n.arguments().get(2))));
    rules.put(
        "aten::flip",
        (n, g, b) -> b.give(n.input(0), b.add(n.op(), n.input(0).type(), g, n.arguments().get(1))));
    rules.put("aten::cat", ShapeRules::cat);
    rules.put("aten::stack", ShapeRules::stack);
    rules.put("aten::select", (n, g, b) -> backward(n, g, b, "aten::select_backward"));
    rules.put("aten::slice", (n, g, b) -> backward(n, g, b, "aten::slice_backward"));
    rules.put("aten::index_select", (n, g, b) -> backward(n, g, b, "aten::index_select_backward"));
    rules.put(
        "aten::gather",
        (n, g, b) ->
            b.give(
                n.input(0),
                b.add(
                    "aten::gather_backward",
                    n.input(0).type(),
                    g,
                    n.input(0),
                    n.arguments().get(1),
                    n.arguments().get(2),
                    Argument.of(false))));
    rules.put("aten::embedding", ShapeRules::embedding);
    rules.put("aten::repeat_interleave", ShapeRules::repeatInterleave);
    rules.put("aten::repeat", ShapeRules::repeat);
    rules.put("aten::upsample_nearest2d", ShapeRules::upsample);
  }

  private static void permute(Node n, Value g, Backward b) {
    List<Dim> axes = ((Argument.Sizes) n.arguments().get(1)).dims();
    long[] inverse = new long[axes.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[(int) axes.get(i).fixed()] = i;
    }
    b.give(n.input(0), b.add(n.op(), n.input(0).type(), g, Argument.of(inverse)));
  }

  /** The parts' gradients joined; a part that is used nowhere has zeros. */
  static void split(Node n, Backward b) {
    List<Value> parts = n.outputs();
    if (!b.wants(n.input(0)) || parts.stream().map(b::gradient).allMatch(Objects::isNull)) {
      return;
    }
    List<Value> gradients = new ArrayList<>();
    for (Value part : parts) {
      Value gradient = b.gradient(part);
      gradients.add(gradient == null ? zeros(part.type(), b) : gradient);
    }
    b.give(
        n.input(0),
        b.add(
            "aten::cat", n.input(0).type(), new Argument.Values(gradients), n.arguments().get(2)));
  }

  private static Value zeros(TensorType type, Backward b) {
    return b.add(
        "aten::full",
        type,
        Argument.factory(type.type()),
        new Argument.Sizes(type.shape()),
        Argument.of(0.0));
  }

  private static void cat(Node n, Value g, Backward b) {
    List<Value> parts = ((Argument.Values) n.arguments().get(0)).values();
    Argument.Size axis = (Argument.Size) n.arguments().get(1);
    int dim = (int) axis.dim().fixed();
    List<Value> gradients =
        b.add(
            "aten::split_with_sizes",
            parts.stream().map(part -> part.type().as(g.type().type())).toList(),
            g,
            new Argument.Sizes(parts.stream().map(part -> part.type().dim(dim)).toList()),
            axis);
    for (int i = 0; i < parts.size(); i++) {
      b.give(parts.get(i), gradients.get(i));
    }
  }

  private static void stack(Node n, Value g, Backward b) {
    List<Value> parts = ((Argument.Values) n.arguments().get(0)).values();
    for (int i = 0; i < parts.size(); i++) {
      if (b.wants(parts.get(i))) {
        b.give(
            parts.get(i),
            b.add(
                "aten::select",
                parts.get(i).type().as(g.type().type()),
                g,
                n.arguments().get(1),
                Argument.of(i)));
      }
    }
  }

  /** Operators whose backward takes the gradient, the input's sizes and their own arguments. */
  private static void backward(Node n, Value g, Backward b, String op) {
    TensorType type = n.input(0).type();
    List<Argument> all = new ArrayList<>(List.of(g, new Argument.Sizes(type.shape())));
    all.addAll(n.arguments().subList(1, n.arguments().size()));
    b.give(n.input(0), b.add(op, type, all.toArray(new Argument[0])));
  }

  private static void embedding(Node n, Value g, Backward b) {
    Value table = n.input(0);
    b.give(
        table,
        b.add(
            "aten::embedding_dense_backward",
            table.type(),
            g,
            n.arguments().get(1),
            new Argument.Size(table.type().dim(0)),
            Argument.of(-1),
            Argument.of(false)));
  }

  private static void repeatInterleave(Node n, Value g, Backward b) {
    TensorType type = n.input(0).type();
    Dim repeats = ((Argument.Size) n.arguments().get(1)).dim();
    int axis = (int) ((Argument.Size) n.arguments().get(2)).dim().fixed();
    List<Dim> apart = new ArrayList<>(type.shape());
    apart.add(axis + 1, repeats);
    Value sum = b.sum(b.reshape(g, apart), List.of(axis + 1));
    b.give(n.input(0), b.reshape(sum, type.shape()));
  }

  private static void repeat(Node n, Value g, Backward b) {
    TensorType type = n.input(0).type();
    List<Dim> repeats = ((Argument.Sizes) n.arguments().get(1)).dims();
    int extra = repeats.size() - type.rank();
    List<Dim> apart = new ArrayList<>();
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < repeats.size(); i++) {
      axes.add(apart.size());
      apart.add(repeats.get(i));
      if (i >= extra) {
        apart.add(type.dim(i - extra));
      }
    }
    b.give(n.input(0), b.reshape(b.sum(b.reshape(g, apart), axes), type.shape()));
  }

  private static void upsample(Node n, Value g, Backward b) {
    TensorType type = n.input(0).type();
    b.give(
        n.input(0),
        b.add(
            "aten::upsample_nearest2d_backward",
            type,
            g,
            n.arguments().get(1),
            new Argument.Sizes(type.shape()),
            n.arguments().get(2),
            n.arguments().get(3)));
  }

  /** The type of a mask. */
  static TensorType mask(TensorType type) {
    return type.as(DataType.BOOLEAN);
  }
}
