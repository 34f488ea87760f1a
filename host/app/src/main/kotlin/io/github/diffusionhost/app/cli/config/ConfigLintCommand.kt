package io.github.diffusionhost.app.cli.config

import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.convert
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.enum
import io.github.diffusionhost.api.text.Printable
import io.github.diffusionhost.app.cli.command.HostSubcommand
import io.github.diffusionhost.app.cli.command.RunSource
import io.github.diffusionhost.app.config.ConfigRequest
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.RunConfigReader
import io.github.diffusionhost.app.lint.Lint
import io.github.diffusionhost.app.lint.Recipe
import io.github.diffusionhost.app.lint.lintJson
import io.github.diffusionhost.app.lint.lintText
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.pathOf

/** `host config lint`: where a config departs from a recipe. */
internal class ConfigLintCommand :
  HostSubcommand(
    "lint",
    "Lists where a config departs from a recipe in ways that are known to matter, each with its measured or published " +
      "effect and the source. R1 is DDPM on CIFAR-10, which recipe R2, the set-up that gave blobs, is compared with, " +
      "too; R3 is the transformer with flow matching on MNIST; R4 is EDM2 on small images. Needs no data. Ends with 0, " +
      "whatever is found; with --strict with 1 if anything is.",
    "host config lint configs/seeds/r2-as-posted.yaml",
    "host config lint configs/quickstart.yaml --recipe R3 --json",
  ) {
  private val file by argument("FILE").convert { pathOf(it) }.help("A config")
  private val source by RunSource()
  private val recipe by
    option("--recipe", metavar = "R1|R3|R4")
      .enum<Recipe>()
      .help("The recipe; if not given, the one with the config's scheduler (ddpm: R1, flowmatch: R3, edm2: R4)")
  private val strict by option("--strict").flag().help("End with 1 if there is any departure")
  private val json by option("--json").flag().help("Print JSON")

  override fun run() {
    val config = services.get<RunConfigReader>().read(ConfigRequest(file, source.plugins, source.settings))
    val compared = recipe ?: fitting(config)
    val findings = services.get<Lint>().findings(config, compared)
    if (json) printJson(lintJson(compared, findings))
    else print(Printable.message(lintText("$file", compared, findings)))
    if (strict && findings.isNotEmpty()) throw ProgramResult(ExitCode.FAILED.number)
  }

  private fun fitting(config: RunConfig): Recipe {
    val scheduler = config.scheduler.provider.name()
    return Recipe.entries.find { it.scheduler == scheduler }
      ?: wrongUsage("No recipe has the scheduler $scheduler: name one, --recipe R1, R3 or R4")
  }
}
