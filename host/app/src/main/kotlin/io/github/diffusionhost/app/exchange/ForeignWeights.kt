package io.github.diffusionhost.app.exchange

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.config.source.printable
import io.github.diffusionhost.app.words.ExitCode
import io.github.diffusionhost.app.words.UserError

/** Tensors under the names of a network, and what a person should know of where they come from. */
internal class ForeignWeights(val tensors: Map<String, NDArray>, val notes: List<String>)

/**
 * Weights from another program: [ForeignChoice].
 *
 * @param prefix the copy of the network to take, by the beginning of its names; null for a choice
 * @param untrained settings with which the scheduler trains nothing, for a message
 * @throws UserError if tensors are missing, left over or of another shape
 */
internal fun readForeignWeights(
  tensors: TensorFiles,
  parts: ForeignParts,
  prefix: String?,
  manager: NDManager,
  untrained: () -> List<String>,
): ForeignWeights {
  val choice = ForeignChoice(tensors.where, tensors.names, tensors::shape, parts, prefix)
  val stored = choice.stored(untrained)
  val wanted = parts.network + parts.scheduler.mapKeys { "$OF_SCHEDULER${it.key}" }
  val values = wanted.mapValues { (name, parameter) ->
    val there = stored.getValue(name)
    val shape = tensors.shape(there)
    if (shape != parameter.shape) {
      throw UserError(
        "${tensors.where}: tensor ${printable(there)} has shape $shape, and the config's network wants " +
          "${parameter.shape} for $name",
        ExitCode.FAILED,
      )
    }
    tensors.readFloat32(there, manager)
  }
  return ForeignWeights(values, choice.notes())
}

private const val COMPILED = "_orig_mod"

/** The name without what `torch.compile` puts into it, wherever that is. */
internal fun uncompiled(name: String): String =
  if (COMPILED in name) name.split('.').filter { it != COMPILED }.joinToString(".") else name
