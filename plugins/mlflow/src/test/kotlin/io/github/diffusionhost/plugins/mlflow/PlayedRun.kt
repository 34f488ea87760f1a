package io.github.diffusionhost.plugins.mlflow

import io.github.diffusionhost.api.tracker.TrackedRow
import io.github.diffusionhost.api.tracker.TrackedRun
import java.nio.file.Path
import java.time.Instant

/** A run as the host tells of it. */
fun playedRun(
  folder: Path,
  parameters: Map<String, String> = mapOf("train.steps" to "20", "train.ema.0.decay" to "0.99"),
  resumed: Boolean = false,
) =
  TrackedRun(
    "tiny",
    folder,
    folder.resolve("tracker-mlflow.json"),
    resumed,
    parameters,
    mapOf("host" to "0.1.0", "git.revision" to "4f5e1c8a"),
  )

fun row(step: Long, vararg values: Pair<String, Double>) =
  TrackedRow(step, 16 * step, 0.5 * step, Instant.ofEpochMilli(1_700_000_000_000 + step), mapOf(*values))
