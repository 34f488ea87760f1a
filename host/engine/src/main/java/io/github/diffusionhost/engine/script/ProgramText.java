package io.github.diffusionhost.engine.script;

import io.github.diffusionhost.engine.program.Argument;
import io.github.diffusionhost.engine.program.Node;
import io.github.diffusionhost.engine.program.Program;
import io.github.diffusionhost.engine.program.Value;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A program as the statements of a TorchScript method. */
public final class ProgramText {
  private final Map<Value, String> names = new HashMap<>();
  private final Expression expressions = new Expression(this::name);
  private final StringBuilder text = new StringBuilder();
  private int variables;

  /** Uses an expression for a tensor that the method has already: a parameter, a list's element. */
  public void name(Value value, String expression) {
    names.put(value, expression);
  }

  /** The expression of a tensor. */
  public String name(Value value) {
    String name = names.get(value);
    if (name == null) {
      throw new IllegalStateException("a tensor of type " + value.type() + " is used unmade");
    }
    return name;
  }

  /** The expressions of tensors, as a list. */
  public String names(List<Value> values) {
    return values.isEmpty()
        ? "annotate(List[Tensor], [])"
        : values.stream().map(this::name).collect(Collectors.joining(", ", "[", "]"));
  }

  /**
   * Gives every constant of the program the element of this list that it will be bound to.
   *
   * @param from the place of the first one
   */
  public void constants(Program program, String list, int from) {
    int index = from;
    for (Value constant : program.constants().keySet()) {
      name(constant, "(self." + list + ")[" + index++ + "]");
    }
  }

  /** Writes the operations. */
  public void write(Program program) {
    program.nodes().forEach(this::write);
  }

  /** Writes a statement as it is. */
  public void line(String statement) {
    text.append("    ").append(statement).append('\n');
  }

  /** The statements so far. */
  @Override
  public String toString() {
    return text.toString();
  }

  private void write(Node node) {
    StringBuilder call = new StringBuilder(function(node.op())).append('(');
    String separator = "";
    for (Argument argument : node.arguments()) {
      call.append(separator).append(expressions.of(argument));
      separator = ", ";
    }
    for (Map.Entry<String, Argument> argument : node.named().entrySet()) {
      call.append(separator)
          .append(argument.getKey())
          .append('=')
          .append(expressions.of(argument.getValue()));
      separator = ", ";
    }
    line(targets(node) + call.append(')'));
  }

  private String targets(Node node) {
    StringBuilder targets = new StringBuilder();
    Iterator<Value> outputs = node.outputs().iterator();
    while (outputs.hasNext()) {
      String name = "v" + variables++;
      names.put(outputs.next(), name);
      targets.append(name).append(outputs.hasNext() ? ", " : " = ");
    }
    return targets.toString();
  }

  private static String function(String op) {
    int at = op.indexOf("::");
    String namespace = op.substring(0, at);
    String name = op.substring(at + 2);
    return namespace.equals("aten") ? "torch." + name : "ops." + namespace + "." + name;
  }
}
