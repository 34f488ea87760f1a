package io.github.diffusionhost.app.config.bind

import io.github.diffusionhost.api.options.Cadence
import io.github.diffusionhost.api.options.OptionSpec
import io.github.diffusionhost.api.options.OptionType
import io.github.diffusionhost.api.options.OptionsSpec
import io.github.diffusionhost.engine.options.SampleOptions
import io.github.diffusionhost.engine.options.TrainOptions

internal const val USE = "use"
internal const val PRESET = "preset"
/** The dataset that has no images. */
internal const val NONE = "none"
/** The section of trackers: one by name or with options, or a list of them. */
internal const val TRACKER = "tracker"
/** The options that give the length of a training; they exclude each other. */
internal val LENGTHS = listOf("epochs", "images", "steps")
/** The sections that name a provider. */
internal val ROLES = listOf("model", "scheduler", "dataset")
internal val SECTIONS = ROLES + listOf("train", "sample", "metrics", TRACKER)

internal val TRAIN = OptionsSpec.of(TrainOptions.DEFAULTS)
internal val SAMPLE = OptionsSpec.of(SampleOptions.DEFAULTS)

private fun whole(min: Long, max: Long = Int.MAX_VALUE.toLong()) = OptionType.Whole(min, max)

/** The keys beside the sections. */
internal val GENERAL: List<OptionSpec> =
  listOf(
    OptionSpec(
      "name",
      OptionType.Text(listOf()),
      true,
      null,
      "name of the run and of its folder; made from the providers' names if not given",
    ),
    OptionSpec(
      "seed",
      whole(Long.MIN_VALUE, Long.MAX_VALUE),
      false,
      0L,
      "every draw of the run follows from it",
    ),
    OptionSpec(
      "device",
      OptionType.Text(listOf()),
      false,
      "auto",
      "auto: a GPU if there is one; cpu; gpu: the first one; gpu:N: that one, counted from 0",
    ),
  )

/** The options of `dataset: {use: none}`. */
internal val NO_DATASET: List<OptionSpec> =
  listOf(
    OptionSpec(
      "shape",
      OptionType.Many(whole(1, 1 shl 16)),
      false,
      null,
      "the size of an image: [channels, rows, columns]",
    ),
    OptionSpec("classes", whole(0), false, 0, "how many labels there are; 0: the network has none"),
    OptionSpec("mean", OptionType.Real(-1e6, 1e6), false, 0.5f, "subtracted from pixels in [0, 1]"),
    OptionSpec("std", OptionType.Real(1e-6, 1e6), false, 0.5f, "divides the pixels after that"),
  )

/** The options of every entry of `metrics`, beside its provider's own. */
internal val METRIC: List<OptionSpec> =
  listOf(
    OptionSpec(
      "everyImages",
      OptionType.Every(Cadence.Unit.IMAGES),
      false,
      Cadence.images(0),
      "training images between evaluations, or 1 epoch, 500 steps; 0: only at the end",
    ),
    OptionSpec("samples", whole(1), false, 10_000, "images to generate for it"),
    OptionSpec(
      "best",
      OptionType.Choice(Best.entries.map(Best::word)),
      true,
      null,
      "which of its numbers is best: that checkpoint is checkpoints/best, and stays; for one metric of a run",
    ),
    OptionSpec(
      "bestValue",
      OptionType.Text(listOf()),
      true,
      null,
      "the name of the number that `best` compares; the first one if not given",
    ),
  )

internal fun List<OptionSpec>.names() = map { it.name() }
