package io.github.diffusionhost.app.report.page

import io.github.diffusionhost.app.report.RunReport
import io.github.diffusionhost.app.report.Scalar
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.words.count
import io.github.diffusionhost.app.words.duration

/** What a run was made from. */
internal fun environmentSection(report: RunReport): Section? {
  val manifest = report.manifest ?: return null
  return Section("environment", "Environment") {
    facts("list", environment(manifest))
    table(
      "Plugins",
      listOf("Plugin", "Version", "SHA-256"),
      manifest.plugins.map { listOf(it.id, it.version, it.sha256) },
    )
  }
}

private fun environment(manifest: Manifest): List<Pair<String, String?>> =
  with(manifest) {
    listOf(
      "Started" to started,
      "Fork of" to parent?.let { "${it.run} at step ${count(it.step)}" },
      "Weights from" to
        weights?.let { from -> "${from.from}, " + from.sha256.map { (f, sha) -> "$f SHA-256 $sha" }.joinToString() },
      "Command line" to "host " + commandLine.joinToString(" "),
      "Device" to device,
      "System" to system,
      "Diffusion Host" to "$host, plugin API $api",
      "PyTorch" to pytorch,
      "Java" to java,
      "Git revision" to gitRevision,
      "Seed" to "$seed",
      "Dataset" to
        "${count(dataset.images.toLong())} images ${dataset.shape.joinToString(" × ")}, SHA-256 ${dataset.sha256}",
    )
  }

/** What a run has cost so far, and where it stands. */
internal fun cost(report: RunReport): List<Pair<String, String?>> =
  listOf(
    "Loss" to report.history.last(Scalar.LOSS.key)?.let(::number),
    "Images seen" to count(report.images),
    "Training time" to duration(report.seconds),
    "Images per second" to report.history.median(Scalar.SPEED.key)?.let(::number),
    "Peak memory" to report.manifest?.peakMemoryBytes?.let { "%.2f GB".format(java.util.Locale.ROOT, it / 1e9) },
    "Parameters" to report.manifest?.let { count(it.parameters) },
  )

/** `1,200 of 3,000 steps`. */
internal fun progress(report: RunReport): String {
  val total = report.totalSteps
  return if (total == null) "${count(report.steps)} steps" else "${count(report.steps)} of ${count(total)} steps"
}
