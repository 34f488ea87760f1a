package io.github.diffusionhost.app.config.describe

import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.app.config.source.inlineValue

/** An option as people are told about it, by its dotted name. */
internal class OptionRow(val name: String, private val option: OptionSpec) {
  /** As a config writes it; null where nothing is given. */
  val default: String?
    get() = option.defaultValue()?.let(::inlineValue) ?: option.absent().ifEmpty { null }

  val takes: String
    get() = option.type().describe() + if (option.optional()) ", or ${option.absent().ifEmpty { "nothing" }}" else ""

  val meaning: String
    get() = option.doc()
}

/** Options of groups under their dotted names, those of a list's elements with `N` for the element's number. */
internal fun optionRows(options: List<OptionSpec>, prefix: String = ""): List<OptionRow> = options.flatMap { option ->
  val name = prefix + option.name()
  val type = option.type()
  val element = (type as? OptionType.Many)?.element()
  when {
    type is OptionType.Group -> optionRows(type.spec().options(), "$name.")
    element is OptionType.Group -> listOf(OptionRow(name, option)) + optionRows(element.spec().options(), "$name.N.")
    else -> listOf(OptionRow(name, option))
  }
}

/** Where a preset differs from the defaults, in words. */
internal fun differences(preset: Record, spec: OptionsSpec<*>): String {
  val values =
    preset.javaClass.recordComponents.map { it.apply { accessor.isAccessible = true }.accessor.invoke(preset) }
  val changed = spec.options().zip(values).filter { (option, value) -> option.defaultValue() != value }
  return changed
    .joinToString(", ") { (option, value) -> "${option.name()}: ${inlineValue(value)}" }
    .ifEmpty { "nowhere" }
}
