package io.github.diffusionhost.app.cli.command

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo

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
  val own: Array<OwnOption>
    get() =
      arrayOf(
        OwnOption("--sampler", "sample.sampler", sampler),
        OwnOption("--steps", "sample.steps", steps),
        OwnOption("--guidance", "sample.guidance", guidance),
        OwnOption("--device", "device", device),
      )
}
