package io.github.diffusionhost.app.track

import io.github.diffusionhost.api.tracker.TrackedRun
import io.github.diffusionhost.app.config.RunConfig
import io.github.diffusionhost.app.config.bind.TRACKER
import io.github.diffusionhost.app.config.bind.flat
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.run.ManifestFile
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.train.RunDirectory

/** What a tracker is told about a run that has its config and manifest; [note] is told what of that is missing. */
internal fun trackedRun(
  config: RunConfig,
  directory: RunDirectory,
  tracker: String,
  resumed: Boolean,
  note: (String) -> Unit,
): TrackedRun {
  val folder = directory.root().toAbsolutePath()
  val parameters = flat(config.resolved().without(listOf(TRACKER)))
  return TrackedRun(
    config.name,
    folder,
    folder.resolve("tracker-$tracker.json"),
    resumed,
    parameters,
    tags(directory, note),
  )
}

private fun tags(directory: RunDirectory, note: (String) -> Unit): Map<String, String> =
  try {
    ManifestFile(directory).read()?.let(::tagsOf) ?: throw UserError("there is no ${directory.manifest()}")
  } catch (e: UserError) {
    emptyMap<String, String>().also { note("what the run was made from is not known: ${e.message}") }
  }

private fun tagsOf(manifest: Manifest): Map<String, String> = buildMap {
  put("command", manifest.commandLine.joinToString(" ", "host "))
  put("host", manifest.host)
  put("device", manifest.device)
  put("parameters", "${manifest.parameters}")
  put("dataset.sha256", manifest.dataset.sha256)
  put("pytorch", manifest.pytorch)
  put("java", manifest.java)
  put("system", manifest.system)
  for (plugin in manifest.plugins) put("plugin.${plugin.id}", plugin.version)
  manifest.gitRevision?.let { put("git.revision", it) }
}
