package io.github.diffusionhost.app.cli.command

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.split

/** The options that say what a run is made of, beside its config file. */
internal class RunSource : OptionGroup() {
  val plugins by
    option("--plugins", metavar = "A,B,C")
      .split(",")
      .default(emptyList())
      .help("Providers by name; each takes the role of its kind. Alone they are a complete run")
  val settings by
    option("--set", metavar = "KEY=VALUE")
      .multiple()
      .help(
        "Change one option, for example train.steps=40 or train.ema.0.decay=0.99; may be repeated. A text or a path is " +
          "taken as typed, everything else is YAML"
      )
}
