package io.github.diffusionhost.engine.script;

import java.util.ArrayList;
import java.util.List;

/** The text of a TorchScript module: tensor lists with a method to bind each, and methods. */
public final class ModuleText {
  private final List<String> lists = new ArrayList<>();
  private final StringBuilder methods = new StringBuilder();

  /** Adds a tensor list. */
  public void list(String name) {
    lists.add(name);
  }

  /** The tensor lists. */
  public List<String> lists() {
    return List.copyOf(lists);
  }

  /**
   * Adds a method.
   *
   * @param parameters such as {@code x: Tensor, draws: List[Tensor]}; may be empty
   * @param result the type that it returns
   * @param body statements, each line indented by four spaces
   */
  public void method(String name, String parameters, String result, String body) {
    methods
        .append(
            "  def %s(self: __torch__.M%s) -> %s:\n"
                .formatted(name, parameters.isEmpty() ? "" : ", " + parameters, result))
        .append(body);
  }

  /** The class. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
    lists.forEach(list -> text.append("  %s : List[Tensor]\n".formatted(list)));
    for (String list : lists) {
      text.append(
          "  def bind_%1$s(self: __torch__.M, %1$s: List[Tensor]) -> None:\n    self.%1$s = %1$s\n    return None\n"
              .formatted(list));
    }
    return text.append(methods).toString();
  }
}
