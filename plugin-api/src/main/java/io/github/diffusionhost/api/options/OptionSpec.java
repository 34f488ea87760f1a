package io.github.diffusionhost.api.options;

import org.jspecify.annotations.Nullable;

/**
 * One option of a record.
 *
 * @param name the component's name, as in configs
 * @param type the values it takes
 * @param optional whether it may be absent ({@code null} in a config)
 * @param defaultValue its value in the record that the spec was made from, as Java has it
 * @param doc its line of documentation
 * @param absent a word that a config may write for {@code null}; empty: none
 */
public record OptionSpec(
    String name,
    OptionType type,
    boolean optional,
    @Nullable Object defaultValue,
    String doc,
    String absent) {
  /** Without a word for {@code null}. */
  public OptionSpec(
      String name, OptionType type, boolean optional, @Nullable Object defaultValue, String doc) {
    this(name, type, optional, defaultValue, doc, "");
  }
}
