package io.github.diffusionhost.app.cli.command

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import io.github.diffusionhost.app.config.source.OwnOption

/**
 * How a checkpoint's network is sampled, where that is not as its config says.
 *
 * @param guidanceHelp what is said of `--guidance`
 */
internal class SamplingOptions(guidanceHelp: String) : OptionGroup() {
  val sampler by option("--sampler", metavar = "NAME").help("Sampler; the run's own if not given")
  val steps by option("--steps", metavar = "N").int().restrictTo(1..100_000).help("Steps of the sampler")
  val guidance by option("--guidance", metavar = "W").help(guidanceHelp)
  private val device by option("--device", metavar = "DEVICE").help("auto, cpu, gpu or gpu:N")

  /** The options of the config that they stand for. */
  val own: Array<OwnOption?>
    get() =
      arrayOf(
        ownOption("--sampler", "sample.sampler", sampler),
        ownOption("--steps", "sample.steps", steps),
        ownOption("--guidance", "sample.guidance", guidance),
        ownOption("--device", "device", device),
      )
}
