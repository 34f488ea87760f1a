package io.github.diffusionhost.app.cli.command

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.split
import io.github.diffusionhost.app.words.pathOf

/** The options of images that are there already, and of what they are compared with. */
internal class ImageSource : OptionGroup() {
  val images by
    option("--images", metavar = "PATH")
      .convert { pathOf(it) }
      .help("Evaluate the PNG and JPEG files of this folder or zip, those of folders inside it too")
  val reference by
    option("--reference", metavar = "PATH")
      .convert { pathOf(it) }
      .help("Compare --images with those of this folder or zip")
  val config by
    option("--config", metavar = "FILE")
      .convert { pathOf(it) }
      .help("Compare --images with the dataset of this config; its metrics count, too")
  val plugins by
    option("--plugins", metavar = "A,B,C")
      .split(",")
      .default(emptyList())
      .help("Compare --images with this dataset, for example mnist")
}
