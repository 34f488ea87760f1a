package io.github.diffusionhost.app.train

import ai.djl.ndarray.NDArray
import io.github.diffusionhost.app.config.StartingWeights
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.run.Manifest
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.files.Sha256
import io.github.diffusionhost.engine.network.Network
import kotlin.io.path.invariantSeparatorsPathString

/**
 * Puts weights that lie somewhere into a new network: each tensor of the same name and shape.
 *
 * @return what was taken and what was not, for the manifest
 * @throws UserError if anything does not fit, and that is not allowed; the network is then as it was
 */
internal fun startFromWeights(network: Network, from: StartingWeights): Manifest.Weights {
  val source = WeightsSource.open(from)
  return source.tensors.use { tensors ->
    val wanted = network.weights().values()
    val there = wanted.keys.filter { it in tensors.names }
    val fitting = there.filter { tensors.shape(it) == wanted.getValue(it).shape }.toSet()
    val taken =
      Manifest.Weights(
        "${source.folder.toAbsolutePath().normalize()}",
        source.step,
        tensors.files.associate { source.folder.relativize(it).invariantSeparatorsPathString to Sha256.of(it) },
        fitting.size,
        missing = wanted.keys.filter { it !in tensors.names },
        reshaped = there.filter { it !in fitting },
        unused = (tensors.names - wanted.keys - network.denoiser().referenceConstants()).toList(),
      )
    requireFit(taken, from)
    network.manager().newSubManager().use { scope ->
      val values: Map<String, NDArray> = wanted.mapValues { (name, value) ->
        if (name in fitting) tensors.readFloat32(name, scope) else value.duplicate().also { it.attach(scope) }
      }
      network.weights().load(values)
    }
    taken
  }
}

private fun requireFit(taken: Manifest.Weights, from: StartingWeights) {
  val misfit = misfit(taken)
  if (taken.loaded == 0) {
    throw UserError("train.from: ${from.path} has no tensor of this network: $misfit", ExitCode.USAGE)
  }
  if (misfit.isEmpty() || from.partial) return
  throw UserError(
    "train.from: ${from.path} does not fit this network: $misfit. To begin with what fits: --set train.from.partial=true",
    ExitCode.USAGE,
  )
}

/** What was taken from where, in a line. */
internal fun describe(taken: Manifest.Weights): String {
  val misfit = misfit(taken)
  val step = taken.step?.takeIf { it > 0 }?.let { " at step $it" }.orEmpty()
  return "Begins with ${taken.loaded} tensors of ${taken.from}$step" + if (misfit.isEmpty()) "" else "; $misfit"
}

private fun misfit(taken: Manifest.Weights): String =
  listOfNotNull(
      taken.missing.ifEmpty { null }?.let { "not there: ${some(it)}" },
      taken.reshaped.ifEmpty { null }?.let { "of another shape there: ${some(it)}" },
      taken.unused.ifEmpty { null }?.let { "not in the network: ${some(it)}" },
    )
    .joinToString("; ")

private fun some(names: List<String>) =
  names.take(SHOWN).joinToString(", ", transform = ::printable) +
    if (names.size > SHOWN) " and ${names.size - SHOWN} more" else ""

private const val SHOWN = 5
