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
 */
public record OptionSpec(
    String name, OptionType type, boolean optional, @Nullable Object defaultValue, String doc) {}
