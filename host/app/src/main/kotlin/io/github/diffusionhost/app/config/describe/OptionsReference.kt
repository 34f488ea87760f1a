package io.github.diffusionhost.app.config.describe

import io.github.diffusionhost.api.ProviderKind
import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.app.config.FROM
import io.github.diffusionhost.app.config.STARTING_WEIGHTS
import io.github.diffusionhost.app.config.bind.GENERAL
import io.github.diffusionhost.app.config.bind.METRIC
import io.github.diffusionhost.app.config.bind.NONE
import io.github.diffusionhost.app.config.bind.NO_DATASET
import io.github.diffusionhost.app.config.bind.ProviderDescription
import io.github.diffusionhost.app.config.bind.SAMPLE
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.TRAIN

/** Every option of a run's config, the providers' included, as a page of Markdown. */
internal class OptionsReference(private val providers: List<ProviderDescription>) {
  fun page(): String = buildString {
    append(BEGINNING)
    section("The run", "The keys beside the sections.", GENERAL)
    section(
      "`train`",
      "How the network is trained. Exactly one of `epochs`, `images` and `steps` is given.",
      TRAIN.options(),
    )
    section("`train.$FROM`", "The weights that a new training begins with: a path, or these.", STARTING_WEIGHTS)
    section("`sample`", "What is sampled. The options of the sampler stand beside these.", SAMPLE.options())
    section("`metrics`", "A list; each element is `use: NAME` with these and the options of that metric.", METRIC)
    append("\n## `$TRACKER`\n\nA tracker by name, `use: NAME` with its options, or a list of these.\n")
    section("`dataset: {use: $NONE}`", "No images, only their shape, which must be given.", NO_DATASET)
    for (kind in ProviderKind.entries) {
      val own = providers.filter { it.kind == kind }.sortedBy { it.name }
      if (own.isEmpty()) continue
      append("\n## ${kind.label().replaceFirstChar(Char::uppercase)}s\n")
      own.forEach { provider(it) }
    }
  }

  private fun StringBuilder.section(title: String, about: String, options: List<OptionSpec>) {
    append("\n## $title\n\n$about\n\n")
    append(optionTable(options))
  }

  private fun StringBuilder.provider(provider: ProviderDescription) {
    append("\n### `${provider.name}`\n\n${cell(provider.summary)}.\n\n")
    val options = provider.spec.options()
    append(if (options.isEmpty()) "No options.\n" else optionTable(options))
    if (provider.presets.isNotEmpty()) {
      val rows = provider.presets.map { (name, preset) -> listOf(code(name), code(differences(preset, provider.spec))) }
      append("\n").append(table(listOf("preset", "where it differs from the defaults"), rows))
    }
    if (provider.recommendedTraining.isNotEmpty()) {
      val lines = provider.recommendedTraining.map { (key, value) -> code("train.$key: $value") }
      append("\nTraining that holds unless a config says otherwise: ${lines.joinToString(", ")}.\n")
    }
    for (sampler in provider.samplers) {
      append("\n#### Sampler `${sampler.name}` of `${provider.name}`\n\n")
      append("${cell(sampler.summary)}; ${sampler.defaultSteps} steps unless a config says otherwise.\n")
      if (sampler.spec.options().isNotEmpty()) append("\n").append(optionTable(sampler.spec.options()))
    }
  }

  private fun optionTable(options: List<OptionSpec>) =
    table(
      listOf("option", "default", "takes", "meaning"),
      optionRows(options).map {
        listOf(code(it.name), it.default?.let(::code) ?: "—", cell(it.takes), cell(it.meaning))
      },
    )

  private fun table(head: List<String>, rows: List<List<String>>) =
    (listOf(head, head.map { "---" }) + rows).joinToString("") { it.joinToString(" | ", "| ", " |\n") }

  private fun code(text: String) = "`${text.replace("|", "\\|")}`"

  /** Text in which nothing but code between backquotes is Markdown. */
  private fun cell(text: String) =
    text
      .split("`")
      .mapIndexed { i, part -> part.replace(if (i % 2 == 0) MARKDOWN else BAR) { "\\${it.value}" } }
      .joinToString("`")

  private companion object {
    val MARKDOWN = Regex("[|<>*]")
    val BAR = Regex("[|]")
    const val BEGINNING =
      "# Options\n\n" +
        "Every key of a run's config and of the providers installed, with its default, the values it takes and what it\n" +
        "means. The program writes this page: `host config options`. `host plugins describe NAME` shows a provider's part\n" +
        "in a terminal, `host config schema` tells an editor. A dash: nothing is given by default. `N`: the number of a\n" +
        "list's element, from 0.\n"
  }
}
