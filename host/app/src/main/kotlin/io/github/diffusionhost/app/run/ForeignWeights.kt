package io.github.diffusionhost.app.run

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import io.github.diffusionhost.app.ExitCode
import io.github.diffusionhost.app.UserError
import io.github.diffusionhost.app.exchange.TensorFiles
import java.nio.file.Path

/**
 * Weights from another program, under the names of the network.
 *
 * @param wanted the network's parameters by name
 * @param constants tensors of the reference implementation that carry nothing and are passed over
 * @throws UserError if tensors are missing, left over or of another shape
 */
fun readForeignWeights(
  tensors: TensorFiles,
  wanted: Map<String, NDArray>,
  constants: Set<String>,
  manager: NDManager,
): Map<String, NDArray> {
  val there = tensors.names
  val renamed = matching(there, wanted.keys, constants)
  val missing = wanted.keys.filter { it !in renamed }
  val extra = there - renamed.values.toSet() - renamedConstants(there, wanted.keys, constants)
  if (missing.isNotEmpty() || extra.isNotEmpty()) throw misfit(tensors.where, missing, extra)
  return wanted.mapValues { (name, parameter) ->
    val stored = renamed.getValue(name)
    val shape = tensors.shape(stored)
    if (shape != parameter.shape) {
      throw UserError(
        "${tensors.where}: tensor $stored has shape $shape, and the config's network wants ${parameter.shape} for $name",
        ExitCode.FAILED,
      )
    }
    tensors.readFloat32(stored, manager)
  }
}

/** The file's name for each of the network's names, for the common prefix that fits most of them. */
private fun matching(there: Set<String>, wanted: Set<String>, constants: Set<String>): Map<String, String> =
  prefixes(there, wanted, constants)
    .map { prefix -> wanted.filter { prefix.on(it) in there }.associateWith { prefix.on(it) } }
    .maxBy { it.size }

private fun renamedConstants(there: Set<String>, wanted: Set<String>, constants: Set<String>): Set<String> {
  val prefix = prefixes(there, wanted, constants).maxBy { prefix -> wanted.count { prefix.on(it) in there } }
  return constants.map(prefix::on).toSet()
}

/** A prefix that the file has and the network has not, or the other way round. */
private data class Prefix(val added: String, val dropped: String) {
  fun on(name: String) = added + name.removePrefix(dropped)
}

private fun prefixes(there: Set<String>, wanted: Set<String>, constants: Set<String>): List<Prefix> {
  val added = dottedPrefixes(there)
  val dropped = dottedPrefixes(wanted + constants)
  return dropped.flatMap { drop -> added.map { add -> Prefix(add, drop) } }
}

/** The empty prefix, and each that all names begin with: `a.`, `a.b.`, … */
private fun dottedPrefixes(names: Set<String>): List<String> {
  val common = names.reduceOrNull { a, b -> a.commonPrefixWith(b) }.orEmpty()
  return common.indices.filter { common[it] == '.' }.map { common.substring(0, it + 1) } + ""
}

private fun misfit(file: Path, missing: List<String>, extra: Set<String>): UserError {
  val parts =
    listOfNotNull(
      "the network's ${some(missing)} ${if (missing.size == 1) "is" else "are"} not in it"
        .takeIf { missing.isNotEmpty() },
      "its ${some(extra.toList())} ${if (extra.size == 1) "is" else "are"} not in the network"
        .takeIf { extra.isNotEmpty() },
    )
  return UserError("$file does not fit the config's network: ${parts.joinToString("; ")}. Check the model's options")
}

private fun some(names: List<String>) =
  names.take(3).joinToString(", ") + if (names.size > 3) " and ${names.size - 3} more" else ""
